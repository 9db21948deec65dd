import { z } from 'zod';
import { idSchema, listOf, pageQuery, timestamp } from './common-schemas.ts';

const memberId = idSchema('mem', 'a member');
const invitationId = idSchema('inv', 'an invitation');

/** By what they may do, the most first. */
const role = z
  .enum(['owner', 'admin', 'member', 'viewer'])
  .describe(
    '`owner` may do everything; `admin` everything but give and take ownership; `member` works with bots, conversations and users; `viewer` looks.',
  );

const maxEmailLength = 254;

/** An address as people write it: one `@`, no blanks, a domain. Whether it exists is found out by writing to it. */
const email = z
  .string()
  .trim()
  .max(maxEmailLength)
  .regex(/^[^\s@"<>(),;:\\[\]\p{Cc}]{1,64}@[^\s@"<>(),;:\\[\]\p{Cc}]+\.[^\s@"<>(),;:\\[\]\p{Cc}.]+$/u, {
    error: 'must be an e-mail address, like ana@example.com',
  })
  .describe('Compared without regard to case.');

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, { error: 'must not hold control characters' });

export const memberSchema = z
  .strictObject({
    id: memberId,
    object: z.literal('member'),
    email: z.string(),
    name: z.string(),
    role,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Member' });

export const memberListSchema = listOf(memberSchema).meta({ id: 'MemberList' });

export const memberParams = z.strictObject({ member_id: memberId });

export const listMembersQuery = z.strictObject(pageQuery(memberId));

export const updateMemberSchema = z.strictObject({ role }).meta({ id: 'UpdateMember', examples: [{ role: 'viewer' }] });

export const createInvitationSchema = z
  .strictObject({ email, role })
  .meta({ id: 'CreateInvitation', examples: [{ email: 'ana@example.com', role: 'member' }] });

const invitationFields = {
  id: invitationId,
  object: z.literal('invitation'),
  email: z.string(),
  role,
  invited_by: z.string().describe('Who made it: `key:…` or `session:…`.'),
  created_at: timestamp,
  expires_at: timestamp,
};

export const invitationSchema = z.strictObject(invitationFields).meta({ id: 'Invitation' });

export const invitationWithTokenSchema = z
  .strictObject({
    ...invitationFields,
    token: z.string().describe('Shown this once: send it to the address. It is good for one use.'),
  })
  .meta({ id: 'InvitationWithToken' });

export const invitationListSchema = listOf(invitationSchema).meta({ id: 'InvitationList' });

export const invitationParams = z.strictObject({ invitation_id: invitationId });

export const listInvitationsQuery = z.strictObject(pageQuery(invitationId));

export const acceptInvitationSchema = z
  .strictObject({ token: z.string().min(1).max(200), name: name.describe('How the member is called.') })
  .meta({ id: 'AcceptInvitation' });
