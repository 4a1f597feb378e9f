import { DatabaseSync } from 'node:sqlite';

/** A sealed row: whose it is and what for, never what it looks like. */
export interface TemplateRow {
  readonly holder: string;
  readonly consent: string;
  readonly model: string;
  readonly accessPoints: readonly string[];
  readonly enrolledAtMs: number;
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

const SCHEMA = `
  create table if not exists template (
    holder text primary key,
    consent text not null,
    model text not null,
    access_points text not null,
    enrolled_at_ms integer not null,
    key_id text not null,
    sealed blob not null
  ) strict;
`;

export interface TemplateRows {
  list(): TemplateRow[];
  /** One person has one row: a new one takes the place of the old. */
  put(row: TemplateRow): void;
  /** Gone for good: overwritten in its page, and cut out of the log. */
  remove(holder: string): void;
  close(): void;
}

/** Opens the templates' SQLite file. */
export function openTemplateRows(path: string): TemplateRows {
  const db = new DatabaseSync(path);
  // secure_delete: what is removed is overwritten with zeros. synchronous full: what was told as erased stays erased.
  db.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma busy_timeout = 2000;',
  );
  db.exec(SCHEMA);
  const list = db.prepare('select * from template order by holder');
  const put = db.prepare(
    `insert into template (holder, consent, model, access_points, enrolled_at_ms, key_id, sealed) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (holder) do update set consent = excluded.consent, model = excluded.model, access_points = excluded.access_points,
       enrolled_at_ms = excluded.enrolled_at_ms, key_id = excluded.key_id, sealed = excluded.sealed`,
  );
  const remove = db.prepare('delete from template where holder = ?');
  // Older frames of the log still show the pages as they were.
  const cutLog = () => db.exec('pragma wal_checkpoint(truncate)');
  return {
    list: () =>
      (list.all() as Record<string, unknown>[]).map((row) => ({
        ...{ holder: row['holder'] as string, consent: row['consent'] as string, model: row['model'] as string },
        accessPoints: JSON.parse(row['access_points'] as string) as string[],
        ...{ enrolledAtMs: row['enrolled_at_ms'] as number, keyId: row['key_id'] as string },
        sealed: row['sealed'] as Uint8Array,
      })),
    put: ({ holder, consent, model, accessPoints, enrolledAtMs, keyId, sealed }) => {
      put.run(holder, consent, model, JSON.stringify(accessPoints), Math.round(enrolledAtMs), keyId, sealed);
      cutLog();
    },
    remove: (holder) => {
      remove.run(holder);
      cutLog();
    },
    close: () => db.close(),
  };
}
