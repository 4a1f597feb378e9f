import { OnvifProfilesInconsistentError, OnvifReplyInvalidError, printable } from './errors.ts';
import { child, children, numberOf, type SoapNode, textOf, tokenOf } from './soap-node.ts';

/** A media profile: one way in which the device can send one of its video sources. */
export interface Profile {
  readonly token: string;
  readonly name: string;
  /** Which lens the pictures come from. */
  readonly videoSourceToken: string | undefined;
  /** As the device spells it: `H264`, `H265`, `JPEG`, `MPEG4` …; undefined for a profile without video. */
  readonly encoding: string | undefined;
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  readonly frameRateFps: number | undefined;
  readonly bitrateKbps: number | undefined;
}

interface ConfigurationNodes {
  readonly source: SoapNode;
  readonly encoder: SoapNode;
}

/** Media2 (ver20/media) keeps the parts in `Configurations`; Media1 (ver10/media) has them at the profile itself. */
function configurationNodes(profile: SoapNode): ConfigurationNodes {
  const configurations = child(profile, 'configurations');
  if (configurations !== undefined) {
    return { source: child(configurations, 'videoSource'), encoder: child(configurations, 'videoEncoder') };
  }
  return {
    source: child(profile, 'videoSourceConfiguration'),
    encoder: child(profile, 'videoEncoderConfiguration'),
  };
}

function printableOf(node: SoapNode): string | undefined {
  const text = textOf(node);
  return text === undefined ? undefined : printable(text);
}

function profileFromNode(node: SoapNode): Profile {
  const token = tokenOf(node);
  if (token === undefined) throw new OnvifProfilesInconsistentError('The device lists a profile without a token.');
  const { source, encoder } = configurationNodes(node);
  const resolution = child(encoder, 'resolution');
  const rateControl = child(encoder, 'rateControl');
  return {
    token,
    name: printableOf(child(node, 'name')) ?? printable(token),
    videoSourceToken: textOf(child(source, 'sourceToken')),
    encoding: printableOf(child(encoder, 'encoding')),
    widthPx: numberOf(child(resolution, 'width')),
    heightPx: numberOf(child(resolution, 'height')),
    frameRateFps: numberOf(child(rateControl, 'frameRateLimit')),
    bitrateKbps: numberOf(child(rateControl, 'bitrateLimit')),
  };
}

/**
 * Reads the body of a GetProfiles reply.
 *
 * @param body the SOAP body as `onvif` parses it
 * @throws OnvifReplyInvalidError when there is no GetProfilesResponse
 * @throws OnvifProfilesInconsistentError when a token is missing or doubled, or a video encoder has no resolution
 */
export function profilesFromBody(body: SoapNode): Profile[] {
  const response = child(body, 'getProfilesResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply to GetProfiles holds no profiles element.');
  const profiles = children(response, 'profiles').map(profileFromNode);
  const tokens = new Set<string>();
  for (const profile of profiles) {
    if (tokens.has(profile.token)) {
      throw new OnvifProfilesInconsistentError(`The device lists the profile ${printable(profile.token)} twice.`);
    }
    tokens.add(profile.token);
    if (profile.encoding !== undefined && !(isSize(profile.widthPx) && isSize(profile.heightPx))) {
      throw new OnvifProfilesInconsistentError(
        `The profile ${printable(profile.token)} has an encoder (${printable(profile.encoding)}) but no resolution.`,
      );
    }
  }
  return profiles;
}

/** The widest picture any camera of today sends is well below this; more is nonsense. */
const MAX_SIDE_PX = 32_768;

function isSize(value: number | undefined): boolean {
  return value !== undefined && Number.isInteger(value) && value > 0 && value <= MAX_SIDE_PX;
}

/**
 * Checks that each profile's video source exists.
 *
 * @param sourcesBody the SOAP body of a GetVideoSources reply
 * @throws OnvifProfilesInconsistentError naming the first profile that points nowhere
 */
export function requireKnownSources(profiles: readonly Profile[], sourcesBody: SoapNode): void {
  const response = child(sourcesBody, 'getVideoSourcesResponse');
  const known = new Set(children(response, 'videoSources').map(tokenOf));
  for (const profile of profiles) {
    if (profile.videoSourceToken === undefined || known.has(profile.videoSourceToken)) continue;
    throw new OnvifProfilesInconsistentError(
      `The profile ${printable(profile.token)} shows the video source ${printable(profile.videoSourceToken)}, which the device does not have.`,
    );
  }
}
