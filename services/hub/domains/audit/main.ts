/**
 * Holds the audit trail of the database that HUB_DATABASE_URL names to its hashes and signatures:
 *
 *   npm run audit:verify -- [--heads FILE]… [--key FILE]…
 *
 * `--heads` are the files of HUB_AUDIT_HEADS_FILE, best a copy from elsewhere; `--key` the hub's public keys. Both have
 * the hub's own places as default. Exit codes: 0 whole, 1 not whole (every line names rows), 2 called wrongly.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type CryptoKey, importJWK, type JWK } from 'jose';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { readHubConfig } from '../../config.ts';
import { publicKeyFileOf, retiredKeysFileOf } from '../../signing-key.ts';
import type { AuditTables } from './audit.tables.ts';
import { verifyAudit } from './audit-verification.ts';

async function main(): Promise<number> {
  const options = { heads: { type: 'string', multiple: true }, key: { type: 'string', multiple: true } } as const;
  const { values } = parseArgs({ options });
  // The broker is none of our business here; the setting is required where the hub runs.
  const config = readHubConfig({ HUB_MQTT_URL: 'mqtt://127.0.0.1', ...process.env });
  const heads = (values.heads ?? [config.auditHeadsFile]).flatMap(linesOf);
  const own = [publicKeyFileOf(config.signingKeyFile), retiredKeysFileOf(config.signingKeyFile)];
  const keys = (await Promise.all((values.key ?? own.filter((file) => existsSync(file))).map(readKeys))).flat();
  const pool = new pg.Pool({ connectionString: config.databaseUrl, max: 1, application_name: 'dipper-audit' });
  const db = new Kysely<AuditTables>({ dialect: new PostgresDialect({ pool }) });
  try {
    const { rows, deletedThrough, signedThrough, faults, complaints } = await verifyAudit(db, heads, keys);
    for (const { what, from, until } of faults)
      say(`${what}: row${from === until ? ` ${from}` : `s ${from} to ${until}`}`);
    for (const complaint of new Set(complaints)) say(complaint);
    say(`${rows} rows, deleted by retention up to row ${deletedThrough}, signed up to row ${signedThrough}`);
    const isWhole = faults.length === 0 && complaints.length === 0;
    say(isWhole ? 'the audit trail is whole' : 'AUDIT_CHAIN_BROKEN: the audit trail is not whole');
    return isWhole ? 0 : 1;
  } finally {
    await db.destroy();
  }
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/** A JWK, or a set of them. */
function readKeys(file: string): Promise<CryptoKey[]> {
  const read = JSON.parse(readFileSync(file, 'utf8')) as JWK & { keys?: JWK[] };
  return Promise.all((read.keys ?? [read]).map(async (jwk) => (await importJWK(jwk, 'EdDSA')) as CryptoKey));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: Error & { code?: string }) => {
    process.stderr.write(`${error.code ?? 'AUDIT_VERIFY_FAILED'}: ${error.message}\n`);
    process.exit(2);
  },
);
