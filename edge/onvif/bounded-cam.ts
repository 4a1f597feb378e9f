import { createRequire } from 'node:module';
import { Cam } from 'onvif';
import { OnvifFaultError, printable } from './errors.ts';
import type { DigestAnswer } from './http-challenge.ts';
import type { SoapReply } from './soap-exchange.ts';
import type { SoapNode } from './soap-node.ts';

/** What `onvif` 0.8.3 hands to its request function; the version is pinned because these names are its own affair. */
export interface CamRequest {
  readonly body: string;
  readonly service?: string;
  readonly action?: string;
}

type CamCallback = (error: Error | null | undefined, body: SoapNode, xml?: string, status?: number) => void;

/** The seams of `Cam` that are used or replaced here; all exist in 0.8.3, and a unit test says so. */
interface CamSeams {
  uri?: Record<string, { href: string } | undefined>;
  media2Support?: boolean;
  digestAuth: DigestAnswer;
  getServices(includeCapability: boolean, callback: CamCallback): void;
  getCapabilities(callback: CamCallback): void;
  getStreamUri(options: { protocol: string; profileToken: string }, callback: CamCallback): void;
  getSnapshotUri(options: { profileToken: string }, callback: CamCallback): void;
  _request(request: CamRequest, callback: CamCallback): void;
  _requestPart2(request: CamRequest & { action: string }, callback: CamCallback): void;
  _envelopeHeader(openHeader?: boolean): string;
  _envelopeFooter(): string;
  _parseUrl(address: string): { href: string; path: string };
}

const parseSoapString: (xml: string, callback: CamCallback, status: number) => void = createRequire(import.meta.url)(
  'onvif/lib/utils',
).parseSOAPString;

/** The head of every envelope; the WS-Security header takes the place of the empty one when the request is sent. */
const EMPTY_HEADER = '<s:Header></s:Header>';
const ENVELOPE_HEAD = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${EMPTY_HEADER}<s:Body>`;

/** Fills in the header of an envelope that a BoundedCam built. */
export function withSecurityHeader(envelope: string, header: string): string {
  return envelope.replace(EMPTY_HEADER, () => `<s:Header>${header}</s:Header>`);
}

export interface BoundedCamOptions {
  readonly url: URL;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Carries a request to where its service is; the only way in which this Cam reaches a network. */
  readonly exchange: (request: CamRequest & { action: string }, digest: DigestAnswer) => Promise<SoapReply>;
  /** Decides where a service address of the device leads. */
  readonly resolveAddress: (address: string) => URL;
}

/**
 * `Cam` of the `onvif` package with its network taken out. It still builds requests, discovers services, translates
 * between Media1 and Media2 and parses replies; its own request function has no size cap, calls nothing back on a reply
 * cut short, and ignores the hosts in service addresses.
 */
export type BoundedCam = ReturnType<typeof createBoundedCam>;

/** @see BoundedCam */
export function createBoundedCam(options: BoundedCamOptions) {
  const cam = new Cam({
    hostname: options.url.hostname,
    autoconnect: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
  }) as unknown as CamSeams;

  cam._envelopeHeader = () => ENVELOPE_HEAD;
  cam._parseUrl = (address) => {
    const url = options.resolveAddress(address);
    return { href: url.href, path: `${url.pathname}${url.search}` };
  };
  cam._requestPart2 = (request, callback) => {
    const digest: DigestAnswer = (challenges, target) => cam.digestAuth(challenges, target);
    options.exchange(request, digest).then(
      ({ xml, status }) => parseSoapString(xml, callback, status),
      (error: Error) => callback(error, undefined),
    );
  };

  function promise(start: (callback: CamCallback) => void): Promise<SoapNode> {
    return new Promise((resolve, reject) => {
      start((error, body) => {
        if (!error) resolve(body);
        else if (error.message.startsWith('ONVIF SOAP Fault')) {
          reject(new OnvifFaultError(`The device answers with a fault: ${printable(error.message.slice(18))}.`));
        } else reject(error);
      });
    });
  }

  return {
    /** Where a service is, as far as it has been discovered. */
    serviceUrl: (service: string): URL | undefined => {
      const href = cam.uri?.[service]?.href;
      return href === undefined ? undefined : new URL(href);
    },
    hasMedia2: (): boolean => cam.media2Support === true,
    /** Falls back to Media1, for devices whose Media2 is advertised and broken. */
    giveUpMedia2: (): void => {
      cam.media2Support = false;
    },
    discoverServices: () => promise((callback) => cam.getServices(false, callback)),
    discoverCapabilities: () => promise((callback) => cam.getCapabilities(callback)),
    streamUri: (profileToken: string) =>
      promise((callback) => cam.getStreamUri({ protocol: 'RTSP', profileToken }, callback)),
    snapshotUri: (profileToken: string) => promise((callback) => cam.getSnapshotUri({ profileToken }, callback)),
    /** A request that `onvif` has no method for, or whose own reading of the reply is not good enough. */
    request: (body: string, service?: string) =>
      promise((callback) =>
        cam._request(
          { body: `${cam._envelopeHeader()}${body}${cam._envelopeFooter()}`, ...(service ? { service } : {}) },
          callback,
        ),
      ),
  };
}
