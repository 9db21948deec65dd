import type { FastifyReply } from 'fastify';
import type { Principal } from '../core/access/principal.ts';
import { ParleyError } from '../core/error.ts';
import type { Plan } from '../core/usage/plan.ts';
import { countedAddress } from '../kit/client-address.ts';
import type { OpenStreams, StreamSlot } from './open-streams.ts';

/** Tabs in which one visitor reads along. */
const maxVisitorStreams = 5;
/** People who read along behind one address: an office, a school. */
const maxAddressStreams = 50;

/**
 * Takes a place among the workspace's open streams; a visitor takes one among their own and their address's too, so that
 * nobody without a name holds all that a plan allows. Throws too_many_streams.
 */
export const reserveStream = async (
  streams: OpenStreams,
  { principal, plan, raw }: { principal: Principal; plan: Plan; raw: FastifyReply },
): Promise<StreamSlot> => {
  const { workspaceId } = principal;
  if (principal.kind !== 'visitor') return streams.reserveShared(workspaceId, plan.concurrentStreams);
  const address = countedAddress(raw.request.ip);
  const slots: StreamSlot[] = [];
  const release = (): void => {
    for (const slot of slots) slot.release();
  };
  try {
    slots.push(streams.reserve(`visitor ${principal.visitorId}`, maxVisitorStreams));
    slots.push(streams.reserve(`address ${address}`, maxAddressStreams));
    const own = await streams.reserveShared(workspaceId, plan.concurrentStreams);
    slots.push(own);
    return { attach: (stream) => own.attach(stream), release };
  } catch (cause) {
    release();
    throw new ParleyError('too_many_streams', 'Too many streams are open at the moment.', {
      retryAfterSeconds: 1,
      cause,
    });
  }
};
