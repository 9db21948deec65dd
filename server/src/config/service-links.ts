/** A Service called `parley`: of every other one Kubernetes' names are no names of ours, and are refused as unknown. */
const linkNames =
  /^PARLEY_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const linkAddress = /^(?:tcp|udp|sctp):\/\/\S+:\d+$/;

/**
 * Whether Kubernetes gave the variable to the pod to describe a Service called `parley`: "service links", and Docker's
 * before them. One of them has the name of a variable of ours, and is told from it by its value, an address.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export const isServiceLink = (name: string, value = ''): boolean =>
  name === 'PARLEY_PORT' ? linkAddress.test(value) : linkNames.test(name);

/** They are ignored, since they come and go with a Service that may be younger than the pod: a restart must not fail by them. */
export const serviceLinksWarning = (names: readonly string[]): string =>
  `${names.join(', ')} came from Kubernetes, for a Service called parley, and say nothing to this server: ` +
  'set enableServiceLinks: false in the spec of the pod';
