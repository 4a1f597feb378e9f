import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { OnvifError, OnvifUnreachableError, printable } from './errors.ts';
import { soapBodyFrom } from './soap-document.ts';
import { child, children, textOf } from './soap-node.ts';

/** A device that answered to its name being called. All of it is its own word. */
export interface DiscoveredDevice {
  /** Who sent the answer. */
  readonly from: string;
  /** Its own identifier, `urn:uuid:…`. */
  readonly endpoint: string;
  /** Addresses of its device service. */
  readonly urls: readonly string[];
  readonly name: string | undefined;
  readonly hardware: string | undefined;
  /** No address of it is at the host that answered: it is behind something, or says what is not so. */
  readonly isElsewhere: boolean;
}

export interface DiscoverOptions {
  /** Address of the network card to ask through; the system's choice without it, which is one of several. */
  readonly interfaceAddress?: string | undefined;
  /** How long answers are waited for. Devices take up to half a second on purpose (WS-Discovery 1.0 §3.1.3). */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  /** Where the call goes. Default: the group of WS-Discovery on the local network. */
  readonly target?: { readonly address: string; readonly port: number };
}

/** WS-Discovery 1.0 §2.4 */
const GROUP = { address: '239.255.255.250', port: 3702 };
/** Datagrams are lost; a second call costs nothing. */
const CALLS = 2;
const CALL_GAP_MS = 200;
/** An estate has some dozens; a host that floods us is not listened to for ever. */
const MAX_ANSWERS = 2_000;
const MAX_DEVICES = 512;
const MAX_URLS = 4;

function probe(messageId: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ' +
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" ' +
    `xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:MessageID>${messageId}</a:MessageID>` +
    '<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
    '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>' +
    '<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>'
  );
}

/** `onvif://www.onvif.org/name/…` (ONVIF Core Specification §7.3.3.2) */
function scopeOf(scopes: readonly string[], category: string): string | undefined {
  const prefix = `onvif://www.onvif.org/${category}/`;
  const scope = scopes.find((each) => each.startsWith(prefix))?.slice(prefix.length);
  if (scope === undefined) return undefined;
  try {
    return printable(decodeURIComponent(scope));
  } catch {
    return printable(scope);
  }
}

function wordsOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(/\s+/).filter((word) => word !== '');
}

/** The devices in one answer. @throws OnvifError for what is none */
export function discoveredFrom(answer: string, from: string): DiscoveredDevice[] {
  const matches = children(child(soapBodyFrom(answer), 'probeMatches'), 'probeMatch');
  return matches.slice(0, MAX_DEVICES).flatMap((match) => {
    const urls = wordsOf(textOf(child(match, 'XAddrs'))).filter((each) =>
      /^https?:$/.test(URL.parse(each)?.protocol ?? ''),
    );
    const endpoint = textOf(child(child(match, 'endpointReference'), 'address'));
    if (urls.length === 0 || endpoint === undefined) return [];
    const scopes = wordsOf(textOf(child(match, 'scopes')));
    return {
      from,
      endpoint: printable(endpoint),
      urls: urls.slice(0, MAX_URLS).map(printable),
      name: scopeOf(scopes, 'name'),
      hardware: scopeOf(scopes, 'hardware'),
      isElsewhere: urls.every((url) => URL.parse(url)?.hostname !== from),
    };
  });
}

/**
 * Calls for ONVIF devices on the local network (WS-Discovery 1.0, as the ONVIF Core Specification §7.3 has it) and gathers
 * who answers, each once; devices that claim one identity are different ones at different addresses. Answers to calls of others, and what is no answer, are left out.
 *
 * @throws OnvifUnreachableError when nothing can be sent through that network card
 */
export async function discoverDevices(options: DiscoverOptions): Promise<DiscoveredDevice[]> {
  const { interfaceAddress, waitMs, signal, target = GROUP } = options;
  const socket = createSocket({ type: 'udp4' });
  const found = new Map<string, DiscoveredDevice>();
  const asked = Array.from({ length: CALLS }, () => `urn:uuid:${randomUUID()}`);
  let answers = 0;
  socket.on('message', (message, { address }) => {
    answers += 1;
    const answer = message.toString('utf8');
    if (answers > MAX_ANSWERS || found.size >= MAX_DEVICES || !asked.some((id) => answer.includes(id))) return;
    try {
      for (const device of discoveredFrom(answer, address)) {
        found.set([device.endpoint, address, ...device.urls].join(' '), device);
      }
    } catch (error) {
      if (!(error instanceof OnvifError)) throw error;
    }
  });
  try {
    socket.bind(0, interfaceAddress);
    await once(socket, 'listening', { signal });
    if (interfaceAddress !== undefined) socket.setMulticastInterface(interfaceAddress);
    for (const messageId of asked) {
      await new Promise<void>((resolve, reject) => {
        socket.send(probe(messageId), target.port, target.address, (error) =>
          error === null ? resolve() : reject(error),
        );
      });
      await sleep(CALL_GAP_MS, undefined, { signal });
    }
    await sleep(waitMs, undefined, { signal });
  } catch (cause) {
    if (signal.aborted) return [...found.values()];
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    const through = interfaceAddress === undefined ? '' : ` through ${interfaceAddress}`;
    throw new OnvifUnreachableError(`Nothing can be called${through} (${reason}).`, { cause });
  } finally {
    socket.close();
  }
  return [...found.values()];
}
