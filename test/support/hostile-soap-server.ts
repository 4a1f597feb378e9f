import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A device as it should not be. It answers the requests named in `answers` in one of the ways below, and the others as
 * a plain camera would, so that a test can make exactly one step of a conversation go wrong.
 */
export interface HostileSoapServer {
  /** Address of the device service. */
  readonly url: string;
  readonly origin: string;
  /** Names of the requests received, in order, e.g. `GetProfiles`. */
  readonly requests: readonly ReceivedRequest[];
  /** Bytes of replies handed to the network so far. */
  readonly sentBytes: number;
  answer(request: string, answer: Answer): void;
  close(): Promise<void>;
}

export interface ReceivedRequest {
  readonly name: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Answer = (exchange: { request: ReceivedRequest; response: ServerResponse; origin: string }) => void;

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';

/** A well-formed envelope around a body. */
export function envelope(body: string, namespace: string = SOAP): string {
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${namespace}" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"><s:Body>${body}</s:Body></s:Envelope>`;
}

export function fault(subcode: string, reason: string): string {
  return envelope(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:${subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  );
}

/** Answers with this document. */
export function reply(xml: string, status = 200, headers: Record<string, string> = {}): Answer {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/soap+xml; charset=utf-8', ...headers }).end(xml);
  };
}

/** Promises a whole document and hangs up after half of it. */
export function truncated(xml: string): Answer {
  return ({ response }) => {
    response.writeHead(200, { 'content-length': String(Buffer.byteLength(xml)) });
    response.write(xml.slice(0, xml.length / 2), () => response.destroy());
  };
}

/** One byte every 50 ms, for ever as far as anybody is willing to wait. */
export function dripped(xml: string): Answer {
  return ({ response }) => {
    response.writeHead(200, { 'content-length': String(Buffer.byteLength(xml)) });
    let position = 0;
    const timer = setInterval(() => response.write(xml[position++] ?? ' '), 50);
    response.on('close', () => clearInterval(timer));
  };
}

/** Takes the request and never says a word. */
export const silent: Answer = () => undefined;

/** Sends spaces as fast as they are taken, without end. */
export const endless: Answer = ({ response }) => {
  response.writeHead(200);
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const pump = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', pump);
  pump();
};

/** Small, and quadratic for the regular expression by which `onvif` removes namespaces. */
export function craftedNamespaces(bytes: number): string {
  const head = `<s:Envelope xmlns:s="${SOAP}"><s:Body><a>`;
  return head + 'xmlns '.repeat(Math.floor((bytes - head.length) / 6));
}

/** Small, and deeper than any parser that recurses can go. */
export function craftedNesting(bytes: number): string {
  const depth = Math.floor(bytes / 7);
  return envelope(`${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`);
}

export const htmlErrorPage: Answer = reply(
  '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Internal error</h1></body></html>',
  500,
  { 'content-type': 'text/html' },
);

export function redirect(location: string): Answer {
  return reply('', 302, { location });
}

/** Asks for credentials again whatever it is given. */
export const challengeForever: Answer = reply('', 401, {
  'www-authenticate': 'Digest realm="camera", nonce="abc", qop="auth", stale=true',
});

export function systemDateAndTime(atMs: number): string {
  const at = new Date(atMs);
  return envelope(
    `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
  );
}

export function services(origin: string, extra = ''): string {
  const media = `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/media/wsdl</tds:Namespace><tds:XAddr>${origin}/onvif/media</tds:XAddr></tds:Service>`;
  const device = `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/device/wsdl</tds:Namespace><tds:XAddr>${origin}/onvif/device_service</tds:XAddr></tds:Service>`;
  return envelope(`<tds:GetServicesResponse>${device}${media}${extra}</tds:GetServicesResponse>`);
}

export function profile(token: string, source: string, width: number, height: number, encoding = 'H264'): string {
  return `<trt:Profiles token="${token}"><tt:Name>${token}</tt:Name><tt:VideoSourceConfiguration token="vsc"><tt:SourceToken>${source}</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="vec"><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>25</tt:FrameRateLimit><tt:BitrateLimit>4096</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>`;
}

export function profiles(...entries: string[]): string {
  return envelope(`<trt:GetProfilesResponse>${entries.join('')}</trt:GetProfilesResponse>`);
}

const PLAIN_CAMERA: Record<string, Answer> = {
  GetSystemDateAndTime: ({ response }) => void response.end(systemDateAndTime(Date.now())),
  GetServices: ({ response, origin }) => void response.end(services(origin)),
  GetDeviceInformation: reply(
    envelope(
      '<tds:GetDeviceInformationResponse><tds:Manufacturer>Plain</tds:Manufacturer><tds:Model>C1</tds:Model><tds:FirmwareVersion>1.10</tds:FirmwareVersion><tds:SerialNumber>0042</tds:SerialNumber><tds:HardwareId>1.0</tds:HardwareId></tds:GetDeviceInformationResponse>',
    ),
  ),
  GetProfiles: reply(profiles(profile('main', 'lens', 1920, 1080), profile('sub', 'lens', 640, 360))),
  GetVideoSources: reply(
    envelope('<trt:GetVideoSourcesResponse><trt:VideoSources token="lens"/></trt:GetVideoSourcesResponse>'),
  ),
  GetStreamUri: reply(
    envelope(
      '<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://127.0.0.1:554/main</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>',
    ),
  ),
};

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startHostileSoapServer(answers: Record<string, Answer> = {}): Promise<HostileSoapServer> {
  const table: Record<string, Answer> = { ...PLAIN_CAMERA, ...answers };
  const requests: ReceivedRequest[] = [];
  let origin = '';
  let sentBytes = 0;
  const server = createServer(async (incoming, response) => {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    const { socket } = incoming;
    response.on('close', () => {
      sentBytes += socket.bytesWritten;
    });
    const body = await readBody(incoming).catch(() => '');
    const name = /Body[^>]*>\s*<(?:[\w-]+:)?([A-Za-z0-9]+)/.exec(body)?.[1] ?? '';
    const request = { name, path: incoming.url ?? '', authorization: incoming.headers.authorization, body };
    requests.push(request);
    const answer = table[name];
    if (answer === undefined) reply(fault('ActionNotSupported', 'Unknown request'), 400)({ request, response, origin });
    else answer({ request, response, origin });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/onvif/device_service`,
    origin,
    requests,
    get sentBytes() {
      return sentBytes;
    },
    answer(request, answer) {
      table[request] = answer;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
