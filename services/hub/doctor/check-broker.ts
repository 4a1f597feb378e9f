import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { filterOf, type TopicKind, topicOf } from '@dipper/contract/topics';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config.ts';
import { checkCertificate } from './check-tls.ts';
import { type Finding, finding, reasonOf } from './finding.ts';

const PATIENCE_MS = 5_000;
const ECHO_PATIENCE_MS = 5_000;
/** MQTT 3.1.1 §3.9.3. */
const FAILURE = 128;
/** MQTT 3.1.1 table 3.1 and MQTT 5 table 3-1. */
const VERSION_REFUSED = [1, 0x84];
const CREDENTIALS_REFUSED = [4, 5, 0x86, 0x87];
const HEARD: readonly TopicKind[] = ['events', 'status', 'devices', 'results'];
/** An agent that no estate has: nobody listens to what is sent to it. */
const NOBODY = { estate: 'dipper-doctor', agent: 'dipper-doctor' };
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

/** Connects to the broker as the hub does, and tries what the hub's account has to be able to do. */
export async function checkBroker(config: MqttConfig): Promise<Finding[]> {
  const url = new URL(config.url);
  const port = Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 1883);
  const host = `${url.hostname}:${port}`;
  const isEncrypted = ['mqtts:', 'wss:'].includes(url.protocol);
  const findings: Finding[] = [];
  if (isEncrypted) findings.push(await checkCertificate(`broker ${host}`, url.hostname, port));
  else if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    findings.push(finding('warning', 'BROKER_PLAIN', { host }));
  let client: MqttClient | undefined;
  try {
    client = await connectAsync(config.url, optionsOf(config, true));
    findings.push(...(await checkRights(client, host)));
  } catch (error) {
    findings.push(unusable(error, host, config.protocol));
    return findings;
  } finally {
    await client?.endAsync(true);
  }
  if (await letsAnybodyIn(config)) findings.push(finding('wrong', 'BROKER_ANYBODY', { host }));
  return findings;
}

function optionsOf(config: MqttConfig, isKnown: boolean): IClientOptions {
  return {
    clientId: `dipper-doctor-${randomUUID().slice(0, 8)}`,
    protocolVersion: config.protocol,
    connectTimeout: PATIENCE_MS,
    reconnectPeriod: 0,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
    ...(isKnown && config.username !== undefined ? { username: config.username } : {}),
    ...(isKnown && config.password !== undefined ? { password: config.password } : {}),
  };
}

function unusable(error: unknown, host: string, version: 4 | 5): Finding {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  const reason = reasonOf(error);
  if (typeof code === 'number' && VERSION_REFUSED.includes(code)) {
    return finding('wrong', 'BROKER_VERSION', { host, version, other: version === 5 ? 4 : 5 });
  }
  if (typeof code === 'number' && CREDENTIALS_REFUSED.includes(code))
    return finding('wrong', 'BROKER_CREDENTIALS', { host });
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ISSUER/i.test(reason))
    return finding('wrong', 'BROKER_TLS_UNTRUSTED', { host, reason });
  return finding('wrong', 'BROKER_UNREACHABLE', { host, reason });
}

async function checkRights(client: MqttClient, host: string): Promise<Finding[]> {
  const echo = topicOf('receipts', NOBODY);
  const refused = await refusedFilters(client, [...HEARD.map((kind) => filterOf(kind)), echo]);
  if (refused.length > 0) {
    return refused.map((topic) => finding('wrong', 'BROKER_ACL', { host, act: 'subscribe to', topic }));
  }
  const mark = randomUUID();
  const heard = new Promise<boolean>((resolve) =>
    client.on('message', (topic, payload) => {
      if (topic === echo && payload.toString() === mark) resolve(true);
    }),
  );
  // A broker may take what it then drops (MQTT 3.1.1 §3.3.5): only what comes back was allowed.
  await client.publishAsync(echo, mark, { qos: 1 }).catch(() => undefined);
  const isHeard = await Promise.race([heard, delay(ECHO_PATIENCE_MS, false)]);
  return isHeard
    ? [finding('ok', 'BROKER_OK', { host })]
    : [finding('wrong', 'BROKER_ACL', { host, act: 'publish to', topic: echo })];
}

async function refusedFilters(client: MqttClient, filters: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const filter of filters) {
    try {
      const grants = await client.subscribeAsync(filter, { qos: 1 });
      if (grants.some(({ qos }) => qos >= FAILURE)) refused.push(filter);
    } catch {
      refused.push(filter);
    }
  }
  return refused;
}

async function letsAnybodyIn(config: MqttConfig): Promise<boolean> {
  try {
    const client = await connectAsync(config.url, optionsOf(config, false));
    await client.endAsync(true);
    return true;
  } catch {
    return false;
  }
}
