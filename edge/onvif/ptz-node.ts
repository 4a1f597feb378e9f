import { OnvifNotSupportedError, OnvifReplyInvalidError } from './errors.ts';
import { child, children, numberOf, type SoapNode, textOf, tokenOf } from './soap-node.ts';

/** The ends of a velocity as the device counts it. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How a camera turns: which profile stands for its drive, and what that can do. */
export interface PtzNode {
  readonly profile: string;
  readonly nodeToken: string | undefined;
  readonly configurationToken: string | undefined;
}

/** Undefined where it does not turn that way. */
export interface PtzLimits {
  readonly pan: Range | undefined;
  readonly tilt: Range | undefined;
  readonly zoom: Range | undefined;
  readonly maxPresets: number | undefined;
}

/** PTZ Service §5.3.3: what a device has that names no range of its own. */
const GENERIC: Range = { min: -1, max: 1 };

/**
 * The first profile with a drive, in a GetProfiles reply of Media1 or Media2.
 * @throws OnvifReplyInvalidError; OnvifNotSupportedError when no profile has a drive
 */
export function ptzNodeFrom(body: SoapNode, preferred: string | undefined): PtzNode {
  const response = child(body, 'getProfilesResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply to GetProfiles holds no profiles element.');
  const nodes = children(response, 'profiles').flatMap((profile) => {
    const token = tokenOf(profile);
    const drive = child(profile, 'PTZConfiguration') ?? child(child(profile, 'configurations'), 'PTZ');
    if (token === undefined || drive === undefined) return [];
    return [{ profile: token, nodeToken: textOf(child(drive, 'nodeToken')), configurationToken: tokenOf(drive) }];
  });
  const node = nodes.find(({ profile }) => profile === preferred) ?? nodes[0];
  if (node === undefined) throw new OnvifNotSupportedError('None of the profiles has a drive.');
  return node;
}

/** What a GetNode reply says of the drive. */
export function ptzLimitsFrom(body: SoapNode): PtzLimits {
  const node = child(child(body, 'getNodeResponse'), 'PTZNode');
  if (node === undefined) throw new OnvifReplyInvalidError('The reply to GetNode holds no node.');
  return limitsOf(node);
}

/** The drives that a GetNodes reply names. @throws OnvifReplyInvalidError */
export function ptzNodesFrom(body: SoapNode): readonly { readonly token: string; readonly limits: PtzLimits }[] {
  const response = child(body, 'getNodesResponse');
  if (response === undefined) throw new OnvifReplyInvalidError('The reply to GetNodes holds no nodes.');
  return children(response, 'PTZNode').flatMap((node) => {
    const token = tokenOf(node);
    return token === undefined ? [] : [{ token, limits: limitsOf(node) }];
  });
}

function limitsOf(node: SoapNode): PtzLimits {
  const spaces = child(node, 'supportedPTZSpaces');
  const panTilt = child(spaces, 'continuousPanTiltVelocitySpace');
  const zoom = child(spaces, 'continuousZoomVelocitySpace');
  return {
    pan: panTilt === undefined ? undefined : rangeFrom(child(panTilt, 'XRange')),
    tilt: panTilt === undefined ? undefined : rangeFrom(child(panTilt, 'YRange')),
    zoom: zoom === undefined ? undefined : rangeFrom(child(zoom, 'XRange')),
    maxPresets: numberOf(child(node, 'maximumNumberOfPresets')),
  };
}

/** Of a device that does not tell: everything, in the generic spaces. */
export const UNTOLD_LIMITS: PtzLimits = { pan: GENERIC, tilt: GENERIC, zoom: GENERIC, maxPresets: undefined };

function rangeFrom(node: SoapNode): Range {
  const min = numberOf(child(node, 'min'));
  const max = numberOf(child(node, 'max'));
  if (min === undefined || max === undefined || !(min < 0) || !(max > 0)) return GENERIC;
  return { min, max };
}

/** A share of -1 to 1 as the device counts it. */
export function scaled(share: number, { min, max }: Range): number {
  return share < 0 ? -share * min : share * max;
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** How long the camera lets a movement go on by itself, milliseconds, from a GetConfigurationOptions reply. */
export function holdRangeMsFrom(body: SoapNode): Range | undefined {
  const options = child(child(body, 'getConfigurationOptionsResponse'), 'PTZConfigurationOptions');
  const range = child(options, 'PTZTimeout');
  const [min, max] = [durationMsOf(child(range, 'min')), durationMsOf(child(range, 'max'))];
  // Seen in reports: both zero, which would allow no time at all.
  return min === undefined || max === undefined || max <= 0 || max < min ? undefined : { min, max };
}

function durationMsOf(node: SoapNode): number | undefined {
  const match = DURATION.exec(textOf(node) ?? '');
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
