import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Quirk } from '@dipper/edge/onvif/quirks';
import {
  type Answer,
  envelope,
  fault,
  type HostileSoapServer,
  reply,
  services,
  startHostileSoapServer,
  systemDateAndTime,
} from './hostile-soap-server.ts';

/** What a device answered to one kind of request; the first that fits is taken. */
interface Exchange {
  readonly request: string;
  /** Only where the request's text matches. */
  readonly when?: string;
  /** Only once this has been asked before. */
  readonly after?: string;
  /** Only the first time. */
  readonly once?: true;
  readonly status?: number;
  readonly body?: string;
  readonly fault?: string;
  readonly reason?: string;
  readonly raw?: string;
  readonly hangUp?: true;
}

/** A conversation with a device or server that is not ours, as it is told at `cites`, in our own words. */
export interface RecordedDevice {
  readonly cites: string;
  readonly device: string;
  readonly says: string;
  readonly utcOffsetHours?: number;
  readonly exchanges: readonly Exchange[];
}

export function readRecordedDevice(quirk: Quirk): RecordedDevice {
  const path = fileURLToPath(new URL(`../fixtures/onvif/${quirk}.json`, import.meta.url));
  return JSON.parse(readFileSync(path, 'utf8'));
}

const NAMESPACES =
  'xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:tns1="http://www.onvif.org/ver10/topics"';
const soap = (body: string): string => envelope(body).replace('<s:Envelope ', `<s:Envelope ${NAMESPACES} `);

function answerTo(exchange: Exchange, origin: string): Answer {
  const { body, raw, reason = '', status = 200 } = exchange;
  if (exchange.hangUp) return ({ response }) => void response.destroy();
  if (raw !== undefined) return reply(raw, status, { 'content-type': 'text/html' });
  if (exchange.fault !== undefined) return reply(fault(exchange.fault, reason), status);
  return reply(soap((body ?? '').replace('{origin}', origin)), status);
}

/** Plays a recorded device; what it was not asked then is answered as a plain camera with events would. */
export async function playRecordedDevice(recorded: RecordedDevice): Promise<HostileSoapServer> {
  const server = await startHostileSoapServer();
  const used = new Set<Exchange>();
  const events = `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/events/wsdl</tds:Namespace><tds:XAddr>${server.origin}/onvif/events</tds:XAddr></tds:Service>`;
  const plain: Record<string, Answer> = {
    GetServices: reply(services(server.origin, events)),
    SetSynchronizationPoint: reply(soap('<tev:SetSynchronizationPointResponse/>')),
    // A device that has nothing to say, a little faster than it is asked to wait.
    PullMessages: (exchange) => void setTimeout(() => reply(soap('<tev:PullMessagesResponse/>'))(exchange), 30).unref(),
    Renew: reply(soap('<wsnt:RenewResponse/>')),
    Unsubscribe: reply(soap('<wsnt:UnsubscribeResponse/>')),
  };
  if (recorded.utcOffsetHours !== undefined) {
    const offsetMs = recorded.utcOffsetHours * 3_600_000;
    plain['GetSystemDateAndTime'] = ({ response }) => void response.end(systemDateAndTime(Date.now() + offsetMs));
  }
  for (const [name, answer] of Object.entries(plain)) server.answer(name, answer);
  for (const name of new Set(recorded.exchanges.map(({ request }) => request))) {
    server.answer(name, (exchange) => {
      const found = recorded.exchanges.find(
        (each) =>
          each.request === name &&
          (each.when === undefined || new RegExp(each.when).test(exchange.request.body)) &&
          (each.after === undefined || server.requests.some((request) => request.name === each.after)) &&
          !(each.once === true && used.has(each)),
      );
      if (found !== undefined) used.add(found);
      const answer = found === undefined ? plain[name] : answerTo(found, server.origin);
      (answer ?? reply(fault('ActionNotSupported', 'Unknown request'), 400))(exchange);
    });
  }
  return server;
}
