/**
 * The statements by which events leave the outbox, as SQLite prepares them: with each turn of which somebody is told, they
 * run once.
 */
export const eventSql = {
  take: `update outbox set available_at = ?1 where (workspace_id, id) in
    (select workspace_id, id from outbox where available_at <= ?2 order by available_at limit ?3)
    returning workspace_id, id, type, subject_id, created_at`,
  release: `update outbox set available_at = ?1 where workspace_id = ?2 and id = ?3 and available_at = ?4`,
  /** Whoever removes an event makes its deliveries; the time says whether it is still ours. */
  remove: `delete from outbox where workspace_id = ?1 and id = ?2 and available_at = ?3`,
  insertDelivery: `insert into webhook_deliveries
    (workspace_id, id, endpoint_id, event_id, type, subject_id, event_at, status, attempts, fence, next_attempt_at,
     attempted_at, response_status, duration_ms, error, created_at, ended_at)
    values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`,
  /** Counts no further than it matters. */
  countWaiting: `select count(*) as count from (select 1 from webhook_deliveries
    where workspace_id = ?1 and endpoint_id = ?2 and status = 'pending' limit ?3) as waiting`,
  /** Of a workspace, newest first, and so its secrets. */
  destinations: `select webhook_endpoints.*, secret.id as secret_id, secret.ciphertext
    from webhook_endpoints left join encrypted_secrets as secret
      on secret.workspace_id = webhook_endpoints.workspace_id and secret.purpose = 'webhook_secret'
        and secret.subject_id = webhook_endpoints.id and (secret.expires_at is null or secret.expires_at > ?2)
    where webhook_endpoints.workspace_id = ?1 and status = 'enabled' order by webhook_endpoints.id desc, secret.id desc`,
} as const;
