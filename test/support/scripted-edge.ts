import { randomUUID } from 'node:crypto';
import type { DeviceStateMessage } from '@dipper/contract/device-state';
import { ReceiptClaims, ReceiptMessage } from '@dipper/contract/receipts';
import type { StatusMessage } from '@dipper/contract/status';
import { topicOf } from '@dipper/contract/topics';
import { createValidator } from '@dipper/contract/validation';
import { compactVerify, importJWK, type JWK } from 'jose';
import { connectAsync } from 'mqtt';
import type { EmbeddedBroker } from './embedded-broker.ts';

export interface ScriptedEdge {
  /** Sequences receipted so far by signatures that verify, per epoch, in the order in which they came. */
  readonly receipted: ReadonlyMap<string, readonly number[]>;
  /** Publishes a batch as it is: elements may be nonsense. Resolves once the broker has it. */
  sendBatch(elements: readonly unknown[]): Promise<void>;
  sendBytes(payload: string | Buffer): Promise<void>;
  sendStatus(status: StatusMessage): Promise<void>;
  sendDevice(state: DeviceStateMessage): Promise<void>;
  close(): Promise<void>;
}

const receiptMessage = createValidator(ReceiptMessage);
const receiptClaims = createValidator(ReceiptClaims);

/** Speaks for an edge agent over a real broker, as a test tells it to, and checks the receipts it gets. */
export async function connectScriptedEdge(
  broker: Pick<EmbeddedBroker, 'url' | 'agent'>,
  publicJwk: JWK,
  address = { estate: 'lanting', agent: 'lanting-edge-1' },
): Promise<ScriptedEdge> {
  const key = await importJWK(publicJwk, 'EdDSA');
  const client = await connectAsync(broker.url, {
    ...broker.agent(address.agent),
    clientId: `${address.agent}-${randomUUID().slice(0, 8)}`,
    reconnectPeriod: 100,
  });
  const receipted = new Map<string, number[]>();
  client.on('message', async (_topic, payload) => {
    const { receipt } = receiptMessage.parse(JSON.parse(payload.toString()));
    const { payload: claims, protectedHeader } = await compactVerify(receipt, key);
    if (protectedHeader.typ !== 'dipper-receipt+jws') throw new Error(`receipt of type ${protectedHeader.typ}`);
    const { epoch, ranges } = receiptClaims.parse(JSON.parse(new TextDecoder().decode(claims)));
    const known = receipted.get(epoch) ?? [];
    for (const [first, last] of ranges) {
      for (let sequence = first; sequence <= last; sequence += 1) known.push(sequence);
    }
    receipted.set(epoch, known);
  });
  await client.subscribeAsync(topicOf('receipts', address), { qos: 1 });
  const send = async (topic: string, payload: string | Buffer, retain = false): Promise<void> => {
    await client.publishAsync(topic, payload, { qos: 1, retain });
  };
  return {
    receipted,
    sendBatch: (elements) => send(topicOf('events', address), JSON.stringify(elements)),
    sendBytes: (payload) => send(topicOf('events', address), payload),
    sendStatus: (status) => send(topicOf('status', address), JSON.stringify(status), true),
    sendDevice: (state) => send(topicOf('devices', { ...address, device: state.device }), JSON.stringify(state), true),
    close: () => client.endAsync(true),
  };
}

/** A status of an agent that is well. */
export function onlineStatus(over: Partial<Extract<StatusMessage, { state: 'online' }>> = {}): StatusMessage {
  return {
    state: 'online',
    bootId: randomUUID(),
    version: '0.1.0',
    at: new Date().toISOString(),
    challenges: [randomUUID()],
    outbox: { waiting: 0, quarantined: 0, bytes: 0, budgetBytes: 1_000_000 },
    ...over,
  };
}
