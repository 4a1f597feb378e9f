import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { readMigrations } from '../database/migrate.ts';
import { checkDisk } from './check-files.ts';
import { certificateFinding } from './check-tls.ts';
import { type Finding, finding, reasonOf } from './finding.ts';

const PATIENCE_MS = 5_000;
/** Further apart, and the order of what two copies of the hub write by their own clocks means little. */
const CLOCKS_APART_MS = 1_000;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost', ''];

/** Looks at the database as the hub would use it; changes nothing. */
export async function checkDatabase(url: string, now: () => number = Date.now): Promise<Finding[]> {
  const host = hostOf(url);
  const findings: Finding[] = [];
  let client: pg.Client | undefined;
  try {
    // Also the reading of certificates that the address names may fail.
    client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ version: string }>(`select split_part(version(), ' on ', 1) as version`);
    findings.push(finding('ok', 'DATABASE_OK', { host, version: rows[0]?.version ?? '?' }));
    findings.push(...encryptionOf(client, host));
    findings.push(await checkTimescale(client), ...(await checkMigrations(client)), await checkClocks(client, now));
    if (LOOPBACK.includes(new URL(url).hostname)) findings.push(...(await checkDataDirectory(client)));
  } catch (error) {
    findings.push(unusable(error, host));
  } finally {
    await client?.end().catch(() => undefined);
  }
  return findings;
}

/** Host and port, never user or password. */
function hostOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '5432'}`;
}

/** SQLSTATE class 28 and 3D: who asks, and for which database. */
function unusable(error: unknown, host: string): Finding {
  const reason = reasonOf(error);
  if (/^(28|3D)/.test(reason)) return finding('wrong', 'DATABASE_REFUSED', { host, reason });
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER|altname/i.test(`${reason} ${(error as Error).message}`)) {
    return finding('wrong', 'DATABASE_TLS_UNTRUSTED', { host, reason });
  }
  return finding('wrong', 'DATABASE_UNREACHABLE', { host, reason });
}

function encryptionOf(client: pg.Client, host: string): Finding[] {
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  if (stream instanceof TLSSocket)
    return [certificateFinding(`database ${host}`, stream.getPeerCertificate().valid_to)];
  return LOOPBACK.includes(host.split(':')[0] ?? '') ? [] : [finding('warning', 'DATABASE_PLAIN', { host })];
}

async function checkTimescale(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ version: string }>(
    `select coalesce(installed_version, default_version) as version from pg_available_extensions where name = 'timescaledb'`,
  );
  const version = rows[0]?.version;
  return version === undefined ? finding('wrong', 'TIMESCALE_MISSING') : finding('ok', 'TIMESCALE_OK', { version });
}

async function checkMigrations(client: pg.Client): Promise<Finding[]> {
  const exists = await client.query<{ found: boolean }>(`select to_regclass('dipper.migration') is not null as found`);
  const applied =
    exists.rows[0]?.found === true
      ? (await client.query<{ name: string; sha256: string }>('select name, sha256 from dipper.migration')).rows
      : [];
  const own = readMigrations();
  const changed = own.filter(({ name, sql }) =>
    applied.some((each) => each.name === name && each.sha256 !== createHash('sha256').update(sql).digest('hex')),
  );
  const unknown = applied.filter(({ name }) => !own.some((each) => each.name === name));
  const pending = own.filter(({ name }) => !applied.some((each) => each.name === name)).map(({ name }) => name);
  const findings = [
    ...changed.map(({ name }) => finding('wrong', 'MIGRATION_CHANGED', { name })),
    ...unknown.map(({ name }) => finding('wrong', 'MIGRATION_NEWER', { name })),
  ];
  if (pending.length > 0) {
    findings.push(finding('warning', 'MIGRATIONS_PENDING', { count: pending.length, names: pending.join(', ') }));
  }
  return findings.length > 0 ? findings : [finding('ok', 'MIGRATIONS_OK', { count: applied.length })];
}

/** By the middle of the question and its answer. */
async function checkClocks(client: pg.Client, now: () => number): Promise<Finding> {
  const askedAt = now();
  const { rows } = await client.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
  );
  const answeredAt = now();
  const ms = Math.round(Math.abs((rows[0]?.ms ?? 0) - (askedAt + answeredAt) / 2));
  // When in between the answer was true nobody knows.
  return ms - (answeredAt - askedAt) / 2 > CLOCKS_APART_MS
    ? finding('wrong', 'CLOCKS_APART', { ms })
    : finding('ok', 'CLOCKS_OK', { ms });
}

/** Only a superuser may ask, and only on this machine does the answer mean anything. */
async function checkDataDirectory(client: pg.Client): Promise<Finding[]> {
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return checkDisk(rows[0]?.data_directory ?? '');
  } catch {
    return [];
  }
}
