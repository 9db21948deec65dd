import { createHash } from 'node:crypto';

/** A function of the database, made by `make-turn-functions.ts`. */
export type TurnFunction = {
  /** What all versions of it begin their names with. */
  family: string;
  name: string;
  definition: string;
};

/** Letters and digits of the hash that a name ends in: enough to tell the versions of one function apart. */
export const versionLength = 8;

/**
 * A function in PL/pgSQL whose name tells its text, so that servers of two versions find each their own. Its statements are
 * planned once a connection, and start in some microseconds, where one statement that does the same takes hundreds.
 */
export const turnFunction = (
  family: string,
  { parameters, returns, body }: { parameters: string; returns: string; body: string },
): TurnFunction => {
  const version = createHash('sha256')
    .update(JSON.stringify([parameters, returns, body]))
    .digest('hex')
    .slice(0, versionLength);
  const name = `${family}_${version}`;
  return {
    family,
    name,
    definition: `create or replace function ${name}(${parameters}) returns ${returns} language plpgsql set plan_cache_mode = force_generic_plan as $function$
${body}
$function$`,
  };
};
