import { SCENE_HEIGHT_PX, SCENE_WIDTH_PX } from '../scene/backdrop.ts';
import type { ClipCodec } from '../scene/clip.ts';
import { SUB_HEIGHT_PX, SUB_WIDTH_PX } from '../scene/render-clip.ts';
import { FRAMES_PER_GROUP, FRAMES_PER_SEC } from '../scene/walk.ts';
import { PTZ_CONFIGURATION_TOKEN, PTZ_NODE_TOKEN } from './ptz-service.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import { invalidArgument } from './soap.ts';
import { escapeXml, text } from './xml.ts';

interface Profile {
  readonly token: string;
  readonly name: string;
  readonly stream: 'main' | 'sub';
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitrateKbps: number;
  readonly encoding: 'H264' | 'H265';
}

const PROFILES: readonly Profile[] = [
  {
    token: 'profile-main',
    name: 'main',
    stream: 'main',
    widthPx: SCENE_WIDTH_PX,
    heightPx: SCENE_HEIGHT_PX,
    bitrateKbps: 4_000,
    encoding: 'H264',
  },
  {
    token: 'profile-sub',
    name: 'sub',
    stream: 'sub',
    widthPx: SUB_WIDTH_PX,
    heightPx: SUB_HEIGHT_PX,
    bitrateKbps: 1_000,
    encoding: 'H264',
  },
];

export interface MediaServiceOptions {
  /** RTSP address of a stream, without credentials. */
  readonly streamUri: (stream: 'main' | 'sub') => string;
  /** Whether the main profile has a drive. */
  readonly hasDrive?: boolean;
  /** Of the main stream. Media 1 has no word for H.265; devices say it all the same. Default: h264. */
  readonly codec?: ClipCodec | undefined;
}

/** The Media service, version 10 (ONVIF Media Service, 5). */
export function createMediaService({ streamUri, hasDrive = false, codec }: MediaServiceOptions): OnvifService {
  const profiles = PROFILES.map((profile) =>
    profile.stream === 'main' && codec === 'h265' ? ({ ...profile, encoding: 'H265' } as const) : profile,
  );
  const profileOf = (token: string | undefined): Profile => getProfile(profiles, token);
  const encoderOf = (token: string | undefined): Profile => getEncoder(profiles, token);
  const described = (element: string, profile: Profile): string =>
    profileXml(element, profile, hasDrive && profile.stream === 'main' ? DRIVE : '');
  return {
    path: SERVICE_PATHS.media,
    operations: {
      GetServiceCapabilities: () =>
        '<trt:GetServiceCapabilitiesResponse><trt:Capabilities SnapshotUri="true"><trt:ProfileCapabilities MaximumNumberOfProfiles="2"/>' +
        '<trt:StreamingCapabilities RTPMulticast="false" RTP_TCP="false" RTP_RTSP_TCP="true"/></trt:Capabilities></trt:GetServiceCapabilitiesResponse>',
      GetProfiles: () =>
        `<trt:GetProfilesResponse>${profiles.map((profile) => described('Profiles', profile)).join('')}</trt:GetProfilesResponse>`,
      GetProfile: (body) =>
        `<trt:GetProfileResponse>${described('Profile', profileOf(text(body, 'ProfileToken')))}</trt:GetProfileResponse>`,
      GetVideoSources: () =>
        `<trt:GetVideoSourcesResponse><trt:VideoSources token="video-source"><tt:Framerate>${FRAMES_PER_SEC}</tt:Framerate>` +
        `<tt:Resolution><tt:Width>${SCENE_WIDTH_PX}</tt:Width><tt:Height>${SCENE_HEIGHT_PX}</tt:Height></tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>`,
      GetVideoSourceConfigurations: () =>
        `<trt:GetVideoSourceConfigurationsResponse>${sourceXml('trt:Configurations')}</trt:GetVideoSourceConfigurationsResponse>`,
      GetVideoEncoderConfigurations: () =>
        `<trt:GetVideoEncoderConfigurationsResponse>${profiles.map((profile) => encoderXml('trt:Configurations', profile)).join('')}</trt:GetVideoEncoderConfigurationsResponse>`,
      GetVideoEncoderConfiguration: (body) =>
        `<trt:GetVideoEncoderConfigurationResponse>${encoderXml('trt:Configuration', encoderOf(text(body, 'ConfigurationToken')))}</trt:GetVideoEncoderConfigurationResponse>`,
      GetVideoEncoderConfigurationOptions: (body) =>
        encoderOptions(profiles, text(body, 'ProfileToken'), text(body, 'ConfigurationToken')),
      GetAudioSources: () => '<trt:GetAudioSourcesResponse/>',
      GetStreamUri: (body) => {
        const profile = profileOf(text(body, 'ProfileToken'));
        const protocol = text(body, 'StreamSetup', 'Transport', 'Protocol');
        // UDP is asked for by clients that then set up what the RTSP server offers; HTTP tunnelling is refused.
        if (protocol === 'HTTP') throw invalidArgument('ter:InvalidStreamSetup', 'RTSP over HTTP is not supported');
        return `<trt:GetStreamUriResponse>${mediaUri(streamUri(profile.stream))}</trt:GetStreamUriResponse>`;
      },
      GetSnapshotUri: (body, { baseUrl }) => {
        profileOf(text(body, 'ProfileToken'));
        return `<trt:GetSnapshotUriResponse>${mediaUri(`${baseUrl}${SERVICE_PATHS.snapshot}`)}</trt:GetSnapshotUriResponse>`;
      },
    },
  };
}

function getProfile(profiles: readonly Profile[], token: string | undefined): Profile {
  const profile = profiles.find((candidate) => candidate.token === token);
  if (profile === undefined) throw invalidArgument('ter:NoProfile', 'The requested profile token does not exist');
  return profile;
}

function getEncoder(profiles: readonly Profile[], token: string | undefined): Profile {
  const profile = profiles.find((candidate) => `encoder-${candidate.name}` === token);
  if (profile === undefined) throw invalidArgument('ter:NoConfig', 'The requested configuration token does not exist');
  return profile;
}

const DRIVE =
  `<tt:PTZConfiguration token="${PTZ_CONFIGURATION_TOKEN}"><tt:Name>drive</tt:Name><tt:UseCount>1</tt:UseCount>` +
  `<tt:NodeToken>${PTZ_NODE_TOKEN}</tt:NodeToken><tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout></tt:PTZConfiguration>`;

function profileXml(element: string, profile: Profile, drive: string): string {
  return (
    `<trt:${element} token="${profile.token}" fixed="true"><tt:Name>${profile.name}</tt:Name>` +
    `${sourceXml('tt:VideoSourceConfiguration')}${encoderXml('tt:VideoEncoderConfiguration', profile)}${drive}</trt:${element}>`
  );
}

function sourceXml(element: string): string {
  return (
    `<${element} token="video-source-config"><tt:Name>video-source-config</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>video-source</tt:SourceToken>` +
    `<tt:Bounds x="0" y="0" width="${SCENE_WIDTH_PX}" height="${SCENE_HEIGHT_PX}"/></${element}>`
  );
}

function encoderXml(element: string, profile: Profile): string {
  return (
    `<${element} token="encoder-${profile.name}"><tt:Name>encoder-${profile.name}</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>${profile.encoding}</tt:Encoding>` +
    `<tt:Resolution><tt:Width>${profile.widthPx}</tt:Width><tt:Height>${profile.heightPx}</tt:Height></tt:Resolution><tt:Quality>5</tt:Quality>` +
    `<tt:RateControl><tt:FrameRateLimit>${FRAMES_PER_SEC}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${profile.bitrateKbps}</tt:BitrateLimit></tt:RateControl>` +
    `<tt:H264><tt:GovLength>${FRAMES_PER_GROUP}</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264>` +
    '<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>' +
    `<tt:SessionTimeout>PT60S</tt:SessionTimeout></${element}>`
  );
}

function encoderOptions(
  profiles: readonly Profile[],
  profileToken: string | undefined,
  configurationToken: string | undefined,
): string {
  const profile =
    configurationToken === undefined
      ? getProfile(profiles, profileToken ?? 'profile-main')
      : getEncoder(profiles, configurationToken);
  const range = (element: string, min: number, max: number) =>
    `<tt:${element}><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:${element}>`;
  return (
    `<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options>${range('QualityRange', 5, 5)}<tt:H264><tt:ResolutionsAvailable>` +
    `<tt:Width>${profile.widthPx}</tt:Width><tt:Height>${profile.heightPx}</tt:Height></tt:ResolutionsAvailable>${range('GovLengthRange', FRAMES_PER_GROUP, FRAMES_PER_GROUP)}` +
    `${range('FrameRateRange', FRAMES_PER_SEC, FRAMES_PER_SEC)}${range('EncodingIntervalRange', 1, 1)}<tt:H264ProfilesSupported>Baseline</tt:H264ProfilesSupported></tt:H264>` +
    '</trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>'
  );
}

function mediaUri(uri: string): string {
  return (
    `<trt:MediaUri><tt:Uri>${escapeXml(uri)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>` +
    '<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>'
  );
}
