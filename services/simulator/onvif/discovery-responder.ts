import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { child, escapeXml, parseXml, text } from './xml.ts';

const MULTICAST_ADDRESS = '239.255.255.250';
const PORT = 3702;
const LOOPBACK = '127.0.0.1';

/** What a device says about itself when probed. */
export interface DiscoverableDevice {
  readonly id: string;
  readonly xaddr: string;
  readonly scopes: readonly string[];
}

/**
 * Answers WS-Discovery probes (WS-Discovery 2005/04, 5; ONVIF Core, 7.3) that come over the loopback interface, and no others:
 * a simulated device must not turn up in a real network. Off unless configured.
 */
export class DiscoveryResponder {
  readonly #socket: Socket;
  readonly #devices: readonly DiscoverableDevice[];
  readonly #endpointIds: ReadonlyMap<string, string>;

  constructor(devices: readonly DiscoverableDevice[]) {
    this.#devices = devices;
    this.#endpointIds = new Map(devices.map(({ id }) => [id, randomUUID()]));
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true });
    this.#socket.on('message', (message, { address, port }) => {
      if (address !== LOOPBACK) return;
      for (const reply of this.#answer(message.toString('utf8'))) this.#socket.send(reply, port, address);
    });
  }

  /** Joins the multicast group on the loopback interface only. */
  async listen(): Promise<void> {
    await this.#bind(PORT, undefined);
    this.#socket.addMembership(MULTICAST_ADDRESS, LOOPBACK);
  }

  /** Answers those who know where it is, on any free port of the loopback. @returns the port */
  async listenAlone(): Promise<number> {
    await this.#bind(0, LOOPBACK);
    return this.#socket.address().port;
  }

  #bind(port: number, address: string | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(port, address, () => resolve());
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(message: string): string[] {
    const envelope = child(parseXml(message), 'Envelope');
    if (child(envelope, 'Body', 'Probe') === undefined) return [];
    const relatesTo = text(envelope, 'Header', 'MessageID') ?? '';
    return this.#devices.map((device) => this.#probeMatch(device, relatesTo));
  }

  /** One device, one answer, as if each had a network card of its own. */
  #probeMatch({ id, xaddr, scopes }: DiscoverableDevice, relatesTo: string): string {
    return (
      '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
      'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>' +
      `<wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID><wsa:RelatesTo>${escapeXml(relatesTo)}</wsa:RelatesTo>` +
      '<wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To>' +
      '<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>' +
      `<wsa:EndpointReference><wsa:Address>urn:uuid:${this.#endpointIds.get(id)}</wsa:Address></wsa:EndpointReference>` +
      `<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${escapeXml(scopes.join(' '))}</d:Scopes><d:XAddrs>${escapeXml(xaddr)}</d:XAddrs>` +
      '<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>'
    );
  }
}
