import { migrate, readMigrations } from '@dipper/hub/database/migrate';
import { openDatabasePool } from '@dipper/hub/database/pool';
import { createAuditTrail } from '@dipper/hub/domains/audit/audit.service';
import type { AuditTables } from '@dipper/hub/domains/audit/audit.tables';
import { verifyAudit } from '@dipper/hub/domains/audit/audit-verification';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startDebianPostgres } from '../support/debian-postgres.ts';

const ROWS = 600;

it('the audit trail is one chain for two copies of the hub that write at once on PostgreSQL', async () => {
  const postgres = await startDebianPostgres();
  const copies = [0, 1].map(() => openDatabasePool(postgres.url, pino({ level: 'silent' })));
  try {
    const [first, second] = copies.map(({ db }) => db.$extendTables<AuditTables>());
    if (first === undefined || second === undefined) throw new Error('two copies are needed');
    for (const { pool } of copies.slice(0, 1)) await migrate(pool, readMigrations(), () => undefined);
    const trails = [createAuditTrail(first), createAuditTrail(second)];
    await Promise.all(
      Array.from({ length: ROWS }, (_, index) =>
        trails[index % 2]?.record({
          ...{ action: 'case.read', target: String(index), reason: null, outcome: 'granted' },
          ...{ principal: undefined, address: '::1', requestId: String(index) },
        }),
      ),
    );
    const { rows, faults } = await verifyAudit(second, [], []);
    expect([rows, faults]).toEqual([ROWS, []]);
  } finally {
    for (const each of copies) await each.close();
    await postgres.stop();
  }
});
