/** What a provider may send us at most. A server that goes wrong, or is hostile, costs no more memory than this. */

/** One line of an event stream, in characters. A whole answer in one event fits; a line without an end does not. */
export const MAX_EVENT_CHARS = 1024 * 1024;

/** A reply with its thinking, in characters: some ten times the longest answer a model of today can write. */
export const MAX_REPLY_CHARS = 2_000_000;

/** An answer that is not streamed. JSON may spend six bytes on a character (`\u00e9`), and the envelope is small. */
export const MAX_JSON_BYTES = 6 * MAX_REPLY_CHARS;

/** A whole stream: the longest reply in pieces of four characters, each in an envelope of 250 bytes. */
export const MAX_STREAM_BYTES = 128 * 1024 * 1024;

/** The body of an error: its beginning says what is wrong. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** Status line and headers; gateways add policy headers of several KB. */
export const MAX_HEADER_BYTES = 32 * 1024;

/**
 * What is read of each thing that a provider says of its failure, in characters: every pattern that looks into them meets
 * no more, whichever dialect they came in.
 */
export const MAX_FAULT_CHARS = 8 * 1024;

/**
 * What of all that is looked through for what may go into the log. Less than `MAX_FAULT_CHARS`, so that this is the only
 * place where a key can be cut.
 */
export const MAX_SCRUBBED_CHARS = 4 * 1024;

/** What of a provider's own words goes into the operator's log. */
export const MAX_ERROR_TEXT_CHARS = 300;

/**
 * Connections to one provider: as many as turns may run in one process, since each holds one for as long as its model
 * speaks. A request that waits for one is connecting, and its limit on that would take the crowd for a dead provider.
 */
export const MAX_CONNECTIONS = 10_000;

/** Models whose ways are remembered, the oldest forgotten first. */
export const MAX_REMEMBERED_MODELS = 256;

/** How often one request may be sent again in another form: one more than the parameters that can be refused. */
export const MAX_ADAPTATIONS = 5;
