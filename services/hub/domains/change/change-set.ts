import type { FeedKind } from '@dipper/contract/api/feed';
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../database/pool.ts';
import { noteCarriedOut } from '../idempotency/idempotent-attempt.ts';

/** What one transaction changed, told once per thing however often it was touched. */
export interface ChangeSet {
  created(kind: FeedKind, id: string): void;
  updated(kind: FeedKind, id: string): void;
  /** Writes the rows; call it last in the transaction. Whether there were any. */
  write(tx: Tx, at: Date): Promise<boolean>;
  /** The statement that writes the rows, for who sends it together with others; undefined when there are none. */
  insertion(at: Date): RawBuilder<unknown> | undefined;
}

export function createChangeSet(): ChangeSet {
  const changes = new Map<string, { kind: FeedKind; target: string; change: 'created' | 'updated' }>();
  const insertion = (at: Date): RawBuilder<unknown> | undefined => {
    const rows = [...changes.values()];
    if (rows.length === 0) return undefined;
    return sql`
      insert into dipper.change (kind, target, change, at)
      select kind, target, change, ${at}
        from unnest(${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.target)}::text[],
                    ${rows.map((row) => row.change)}::text[]) as row (kind, target, change)`;
  };
  return {
    created: (kind, target) => changes.set(`${kind} ${target}`, { kind, target, change: 'created' }),
    updated(kind, target) {
      const name = `${kind} ${target}`;
      if (!changes.has(name)) changes.set(name, { kind, target, change: 'updated' });
    },
    async write(tx, at) {
      const statement = insertion(at);
      if (statement === undefined) return false;
      await noteCarriedOut(tx);
      await statement.execute(tx);
      return true;
    },
    insertion,
  };
}
