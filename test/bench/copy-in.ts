import type pg from 'pg';

/** What `pg` leaves to others of its connection: the messages of COPY (PostgreSQL 17, §53.2.6). */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

/** Runs `COPY … FROM STDIN` with everything that is to be copied in memory already. */
export function copyIn(client: pg.Client, statement: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const submittable = {
      submit: (connection: CopyConnection) => connection.query(statement),
      handleCopyInResponse(connection: CopyConnection) {
        for (let from = 0; from < content.length; from += CHUNK_BYTES) {
          connection.sendCopyFromChunk(content.subarray(from, from + CHUNK_BYTES));
        }
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleError(error: Error) {
        failure = error;
        reject(error);
      },
      handleReadyForQuery() {
        if (failure === undefined) resolve();
      },
    };
    client.query(submittable as unknown as pg.Submittable);
  });
}

const CHUNK_BYTES = 64 * 1024;

/** One line of COPY's text format. */
export function copyLine(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => (value === null ? '\\N' : escapeText(String(value)))).join('\t')}\n`;
}

const SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escapeText(text: string): string {
  return text.replaceAll(SPECIAL, (character) => ESCAPES[character] ?? character);
}
