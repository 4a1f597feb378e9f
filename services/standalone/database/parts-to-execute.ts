/** PostgreSQL reads from a client in pieces of this size (`PQ_RECV_BUFFER_SIZE` in src/backend/libpq/pqcomm.c). */
export const RECEIVE_BUFFER_BYTES = 8_192;

/**
 * Cuts whole protocol messages where one ends together with PostgreSQL's receive buffer. PGlite (0.3.14) goes on as long as
 * that buffer holds something; where it has just been used up it takes what it has done for all there was, gives half an
 * answer and forgets the rest: a statement that is never carried out, in a transaction that nobody ends.
 */
export function partsToExecute(messages: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = 0; end < messages.byteLength; ) {
    end += 1 + messages.readUInt32BE(end + 1);
    if ((end - start) % RECEIVE_BUFFER_BYTES === 0 && end < messages.byteLength) {
      parts.push(messages.subarray(start, end));
      start = end;
    }
  }
  parts.push(messages.subarray(start));
  return parts;
}
