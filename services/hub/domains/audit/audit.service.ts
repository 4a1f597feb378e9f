import type { Page, PageQuery } from '@dipper/contract/api/page';
import type { Kysely, Selectable } from 'kysely';
import type { Principal } from '../../plugins/principal.ts';
import { pageByOrdinal } from '../account/ordinal-page.ts';
import type { AuditEntry } from './audit.schema.ts';
import type { AuditTable, AuditTables } from './audit.tables.ts';

/** A noun and what was done to it, e.g. `case.step`. */
export type AuditAction = `${string}.${string}`;

/** What is put on record. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly target: string | null;
  readonly reason: string | null;
  /** `granted`, or the code of the error that was answered. */
  readonly outcome: string;
  /** Undefined where nobody was signed in. */
  readonly principal: (Pick<Principal, 'accountId' | 'name'> & Partial<Principal>) | undefined;
  readonly address: string;
  readonly requestId: string;
}

export interface AuditFilter {
  readonly action?: string;
  readonly target?: string;
  readonly account?: string;
}

export interface AuditTrail {
  /** Resolves when the row is committed. */
  record(entry: AuditRecord): Promise<void>;
  list(query: PageQuery & AuditFilter): Promise<Page<AuditEntry>>;
}

export function createAuditTrail(database: Kysely<AuditTables>): AuditTrail {
  return {
    async record({ action, target, reason, outcome, principal, address, requestId }) {
      await database
        .insertInto('dipper.audit')
        .values({
          account_id: principal?.accountId ?? null,
          account_name: principal?.name ?? null,
          session_id: principal?.sessionId ?? null,
          action,
          target: storable(target),
          reason: storable(reason),
          outcome,
          address,
          request_id: requestId,
        })
        .execute();
    },
    list({ action, target, account, ...page }) {
      const read = (behind: string | undefined, limit: number): Promise<Selectable<AuditTable>[]> => {
        let query = database.selectFrom('dipper.audit').selectAll().orderBy('id', 'desc').limit(limit);
        if (behind !== undefined) query = query.where('id', '<', behind);
        if (action !== undefined) query = query.where('action', '=', action);
        if (target !== undefined) query = query.where('target', '=', target);
        if (account !== undefined) query = query.where('account_name', '=', account);
        return query.execute();
      };
      return pageByOrdinal(page, read, ({ id }) => id, entryFromRow);
    },
  };
}

/** A refused request may carry what PostgreSQL cannot hold; the record of it must not fail for that. */
function storable(text: string | null): string | null {
  return text?.replaceAll('\0', '') ?? null;
}

function entryFromRow(row: Selectable<AuditTable>): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    account: row.account_name,
    session: row.session_id,
    action: row.action,
    target: row.target,
    reason: row.reason,
    outcome: row.outcome,
    address: row.address,
    requestId: row.request_id,
  };
}
