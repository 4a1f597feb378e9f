import { randomUUID } from 'node:crypto';
import { type CommandClaims, CommandMessage } from '@dipper/contract/commands';
import type { DeviceStateMessage } from '@dipper/contract/device-state';
import type { DipperEvent } from '@dipper/contract/events';
import { type PayloadOf, parsePayload, parseTopic, type TopicKind, topicOf } from '@dipper/contract/topics';
import { createValidator } from '@dipper/contract/validation';
import { compactVerify, importJWK, type JWK } from 'jose';
import { connectAsync } from 'mqtt';
import { WebSocket } from 'ws';
import type { BrokerLogin } from './embedded-broker.ts';

/** What an edge does with the socket that a command made it open. */
export type UplinkBehaviour = (socket: WebSocket, claims: CommandClaims) => void | Promise<void>;

export interface FakeEdgeOptions {
  readonly mqttUrl: string;
  readonly login: BrokerLogin;
  readonly estate: string;
  readonly agent: string;
  /** The hub's public key; asked for when a command comes. */
  readonly hubKey: () => JWK;
  readonly onLive?: UplinkBehaviour;
  readonly onMedia?: UplinkBehaviour;
}

/** The link of an edge agent without cameras: real MQTT, real signatures, real WebSockets. */
export interface FakeEdge {
  /** Claims of every command that verified, in the order in which they came. */
  readonly commands: CommandClaims[];
  /** Uplinks that are open. */
  readonly uplinks: Set<WebSocket>;
  /** Refuses commands with this code while set. */
  refuseWith: string | undefined;
  /** Takes commands and says nothing while set. */
  silent: boolean;
  tell(events: readonly DipperEvent[]): Promise<void>;
  tellDevice(state: DeviceStateMessage): Promise<void>;
  /** An event's place in this agent's order. */
  next(): { source: string; epoch: string; sequence: number };
  /** Says goodbye as an agent that is stopped. */
  goOffline(): Promise<void>;
  comeOnline(): Promise<void>;
  stop(): Promise<void>;
}

const Command = createValidator(CommandMessage);

export async function startFakeEdge(options: FakeEdgeOptions): Promise<FakeEdge> {
  const { estate, agent } = options;
  const address = { estate, agent };
  const [bootId, epoch] = [randomUUID(), randomUUID()];
  const challenge = randomUUID();
  let sequence = 0;
  const now = (): string => new Date().toISOString();
  const offline = (reason: 'will' | 'stopped') =>
    ({ state: 'offline', bootId, version: '0.0.0-test', at: now(), reason }) as const;
  const client = await connectAsync(options.mqttUrl, {
    ...options.login,
    clientId: agent,
    protocolVersion: 4,
    will: {
      topic: topicOf('status', address),
      payload: Buffer.from(JSON.stringify(offline('will'))),
      qos: 1,
      retain: true,
    },
  });
  const publish = async <K extends TopicKind>(kind: K, payload: PayloadOf<K>, device?: string): Promise<void> => {
    const topic = topicOf(kind, { ...address, ...(device === undefined ? {} : { device }) });
    await client.publishAsync(topic, JSON.stringify(payload), {
      qos: 1,
      retain: kind === 'status' || kind === 'devices',
    });
  };
  const comeOnline = (): Promise<void> =>
    publish('status', {
      state: 'online',
      bootId,
      version: '0.0.0-test',
      at: now(),
      challenges: [challenge],
      outbox: { waiting: 0, quarantined: 0, bytes: 0, budgetBytes: 1_000_000 },
    });

  const edge: FakeEdge = {
    commands: [],
    uplinks: new Set(),
    refuseWith: undefined,
    silent: false,
    tell: (events) => publish('events', events),
    tellDevice: (state) => publish('devices', state, state.device),
    next: () => ({ source: `/${estate}/${agent}`, epoch, sequence: ++sequence }),
    goOffline: () => publish('status', offline('stopped')),
    comeOnline,
    async stop() {
      for (const socket of edge.uplinks) socket.terminate();
      await client.endAsync(true);
    },
  };

  const obey = async (payload: Buffer): Promise<void> => {
    const { command } = Command.parse(parsePayload('commands', payload));
    const { payload: signed } = await compactVerify(command, await importJWK(options.hubKey(), 'EdDSA'));
    const claims = JSON.parse(new TextDecoder().decode(signed)) as CommandClaims;
    if (claims.challenge !== challenge) throw new Error('the command quotes no challenge of this agent');
    edge.commands.push(claims);
    if (edge.silent) return;
    if (edge.refuseWith !== undefined) {
      await publish('results', { command: claims.id, ok: false, code: edge.refuseWith, at: now() });
      return;
    }
    await publish('results', { command: claims.id, ok: true, at: now() });
    // This edge keeps nothing that could be sent again.
    if (!('uplinkUrl' in claims.action)) return;
    const socket = new WebSocket(claims.action.uplinkUrl, {
      headers: { authorization: `Bearer ${claims.action.ticket}` },
    });
    socket.on('error', () => undefined); // a hub that hangs up is part of the tests
    socket.once('close', () => edge.uplinks.delete(socket));
    socket.once('open', () => {
      edge.uplinks.add(socket);
      // This edge records nothing, and hangs up on whoever asks.
      if (claims.action.name.startsWith('recording.')) socket.close();
      else void (claims.action.name === 'live.start' ? options.onLive : options.onMedia)?.(socket, claims);
    });
  };
  client.on('message', (topic, payload) => {
    if (parseTopic(topic).kind !== 'commands') return; // receipts: this edge keeps nothing that they could release
    obey(payload).catch((error: unknown) => {
      throw error; // ends the test: the hub sent what no edge accepts
    });
  });
  await client.subscribeAsync(topicOf('commands', address), { qos: 1 });
  await client.subscribeAsync(topicOf('receipts', address), { qos: 1 });
  await comeOnline();
  return edge;
}
