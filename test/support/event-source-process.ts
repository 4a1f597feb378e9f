/**
 * An edge that only talks: the real outbox, sender and MQTT session, fed with numbered events: states of a barrier, and
 * now and then one that is forced open.
 *
 *   event-source-process.ts --data DIR --mqtt URL --estate SLUG --agent SLUG --hub-key FILE --witness FILE
 *     --count N [--rate EVENTS_PER_SEC] [--tick-ms MS] [--protocol 4|5] [--username NAME]     (password: MQTT_PASSWORD)
 *
 * Each event's id is written to the witness file after the outbox accepted it, and flushed every 10 ms. Started again with
 * the same folder and witness after a SIGKILL it goes on where it was: ids are numbered and the outbox takes each once.
 * A long tick makes bursts; a SourceOrder while it runs lets it say more. Tells `ready` and then a SourceReport every 100 ms, or every tick if that is longer; SIGTERM ends it.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '@dipper/edge/link/clock';
import { readHubKeys } from '@dipper/edge/link/hub-keys';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createLink } from '@dipper/edge/link/link';
import { openOutbox } from '@dipper/edge/link/outbox';
import pino from 'pino';
import { numberedDraft } from './drafts.ts';
import { numberedId, type SourceOrder, type SourceReport } from './numbered-event.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    mqtt: { type: 'string' },
    estate: { type: 'string' },
    agent: { type: 'string' },
    'hub-key': { type: 'string' },
    witness: { type: 'string' },
    count: { type: 'string' },
    rate: { type: 'string', default: '1000' },
    'tick-ms': { type: 'string', default: '10' },
    protocol: { type: 'string', default: '4' },
    username: { type: 'string' },
  },
});
const required = (name: keyof typeof values): string => {
  const value = values[name];
  if (value === undefined) throw new TypeError(`--${name} is missing`);
  return value;
};

const REPORT_EVERY_MS = 100;

/** How many ids the witness holds; a line that a kill cut short is taken out, its event comes again. */
function resume(path: string): number {
  if (!existsSync(path)) return 0;
  const lines = readFileSync(path, 'utf8').split('\n');
  const complete = lines.slice(0, -1);
  truncateSync(path, Buffer.byteLength(complete.map((line) => `${line}\n`).join('')));
  return complete.length;
}

const stop = new AbortController();
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => stop.abort());

const log = pino({ name: 'event-source', level: process.env['LOG_LEVEL'] ?? 'warn' });
const origin = { estate: required('estate'), agent: required('agent') };
const clock = systemClock;
const hubTime = createHubTime(clock);
const outbox = openOutbox({
  path: join(required('data'), 'outbox.sqlite'),
  origin,
  budgetBytes: 256 * 1024 * 1024,
  clock,
  hubTime,
});
const link = createLink({
  origin,
  bootId: randomUUID(),
  version: 'event source',
  broker: {
    url: required('mqtt'),
    protocolVersion: values.protocol === '5' ? 5 : 4,
    ...(values.username !== undefined && { username: values.username }),
    ...(process.env['MQTT_PASSWORD'] !== undefined && { password: process.env['MQTT_PASSWORD'] }),
  },
  keys: await readHubKeys(required('hub-key')),
  outbox,
  hubTime,
  clock,
  log,
  handlers: {},
});

let count = Number(required('count'));
process.on('message', (message: SourceOrder | { type: string }) => {
  if (message.type === 'count') count = (message as SourceOrder).count;
});
const tickMs = Number(values['tick-ms']);
const perTick = (Number(values.rate) * tickMs) / 1_000;
const reportEveryTicks = Math.max(1, Math.round(REPORT_EVERY_MS / tickMs));
let accepted = resume(required('witness'));
const witness = openSync(required('witness'), 'a', 0o600);
let allowance = 0;
let tick = 0;
process.send?.({ type: 'ready', part: 'edge', addresses: {} });
try {
  for await (const _ of every(tickMs, undefined, { signal: stop.signal })) {
    allowance = Math.min(allowance + perTick, Math.max(1, perTick * 5));
    for (; allowance >= 1 && accepted < count; allowance -= 1) {
      const { id } = link.report(numberedDraft(accepted, clock.nowMs()), { id: numberedId(accepted) });
      writeSync(witness, `${id}\n`);
      fsyncSync(witness);
      accepted += 1;
    }
    tick += 1;
    if (tick % reportEveryTicks !== 0 || !process.connected) continue;
    const { waiting, quarantined } = outbox.figures();
    process.send?.({ type: 'source', accepted, unreceipted: waiting, quarantined } satisfies SourceReport);
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
await link.close();
outbox.close();
closeSync(witness);
process.exit(0);
