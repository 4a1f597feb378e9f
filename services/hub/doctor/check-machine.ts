import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { HubConfig } from '../config.ts';
import { DEFAULT_TRUSTED_PROXIES } from '../trusted-proxies.ts';
import { checkCertificate } from './check-tls.ts';
import { type Finding, finding } from './finding.ts';

const OLDEST_NODE = 24;
const PATIENCE_MS = 3_000;
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const run = promisify(execFile);

/** @param version as `process.version` has it */
export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  return major >= OLDEST_NODE ? finding('ok', 'NODE_OK', { version }) : finding('wrong', 'NODE_TOO_OLD', { version });
}

/** Where people reach the hub, and whether what stands in between is known. */
export async function checkAddress({
  host,
  publicUrl,
  trustedProxies,
}: Pick<HubConfig, 'host' | 'publicUrl' | 'trustedProxies'>): Promise<Finding[]> {
  const isLocal = LOOPBACK.includes(host);
  if (publicUrl === undefined) return isLocal ? [] : [finding('warning', 'PUBLIC_URL_MISSING', { host })];
  const url = new URL(publicUrl);
  if (url.protocol === 'http:') {
    const isHere = LOOPBACK.includes(url.hostname);
    return [
      isHere
        ? finding('ok', 'PUBLIC_URL_OK', { url: publicUrl })
        : finding('wrong', 'PUBLIC_URL_PLAIN', { url: publicUrl }),
    ];
  }
  const isProxyUnknown = !isLocal && trustedProxies.join() === DEFAULT_TRUSTED_PROXIES.join();
  return [
    finding('ok', 'PUBLIC_URL_OK', { url: publicUrl }),
    ...(isProxyUnknown ? [finding('warning', 'PROXIES_UNKNOWN')] : []),
    await checkCertificate(url.host, url.hostname, Number(url.port) || 443),
  ];
}

/** Asks systemd, or chrony where that is not there. */
export async function checkTimeSync(): Promise<Finding> {
  const byTimedatectl = await outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (byTimedatectl === 'yes') return finding('ok', 'TIME_SYNC_OK');
  const byChrony = await outputOf('chronyc', ['-c', 'tracking']);
  if (byChrony !== undefined && byChrony !== '' && !byChrony.includes('Not synchronised'))
    return finding('ok', 'TIME_SYNC_OK');
  if (byTimedatectl === 'no') return finding('warning', 'TIME_SYNC_OFF');
  return finding('unknown', 'TIME_SYNC_UNKNOWN');
}

async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await run(command, args, { timeout: PATIENCE_MS })).stdout.trim();
  } catch {
    return undefined;
  }
}
