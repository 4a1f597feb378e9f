import { type DeviceService, NAMESPACES, type ServiceName } from './device-services.ts';
import { OnvifNotSupportedError } from './errors.ts';
import type { Ask, Attempt } from './probe-questions.ts';
import type { ProbedDrive, ProbeFinding } from './probe-report.ts';
import { presetsFrom } from './ptz.ts';
import { holdRangeMsFrom, type PtzNode, ptzNodeFrom, ptzNodesFrom } from './ptz-node.ts';
import { ptzStatusFrom } from './ptz-status.ts';
import type { SoapNode } from './soap-node.ts';
import { escapeXml } from './username-token.ts';

export interface ProbePtzOptions {
  readonly ask: Ask;
  readonly attempt: Attempt;
  readonly findings: ProbeFinding[];
  readonly services: readonly DeviceService[];
  /** Profile whose drive is meant where several have one. */
  readonly preferred: string | undefined;
}

/** Which drives there are, what they can do, what they tell while they turn, and the places they know. Nothing is turned. */
export async function probePtz(options: ProbePtzOptions): Promise<ProbedDrive> {
  const { ask, attempt, findings, services, preferred } = options;
  const find = (code: string, message: string): void => void findings.push({ about: 'PTZ', code, message });

  async function question(service: ServiceName, operation: string, content = ''): Promise<SoapNode> {
    const url = services.find(({ name }) => name === service)?.url;
    if (url === undefined) throw new OnvifNotSupportedError(`The device has no ${service} service.`);
    const body = `<${operation} xmlns="${NAMESPACES[service]}">${content}</${operation}>`;
    return (await ask.send({ url, timeoutMs: ask.timeoutMs, signal: ask.signal, body })).body;
  }

  /** A device that has a PTZ service and no drive is fixed: many name the service all the same. */
  async function findNode(): Promise<PtzNode | undefined> {
    const [service, content] = services.some(({ name }) => name === 'media')
      ? (['media', ''] as const)
      : (['media2', '<Type>All</Type>'] as const);
    const body = await attempt('PTZ profiles', () => question(service, 'GetProfiles', content));
    try {
      return body === undefined ? undefined : ptzNodeFrom(body, preferred);
    } catch (error) {
      if (!(error instanceof OnvifNotSupportedError)) throw error;
      find('PTZ_WITHOUT_DRIVE', 'The device has a PTZ service, and none of its profiles a drive: it does not turn.');
      return undefined;
    }
  }

  const node = await attempt('PTZ profiles', findNode);
  const nodes = (await attempt('PTZ nodes', async () => ptzNodesFrom(await question('ptz', 'GetNodes')))) ?? [];
  if (node === undefined) return { profileToken: undefined, nodes, holdMs: undefined, tells: [], presets: [] };
  const { profile, nodeToken, configurationToken } = node;
  if (nodeToken !== undefined && nodes.length > 0 && !nodes.some(({ token }) => token === nodeToken)) {
    find('PTZ_NODE_UNKNOWN', `The profile names the node ${nodeToken}, which is none of those it lists.`);
  }

  const configuration = `<ConfigurationToken>${escapeXml(configurationToken ?? '')}</ConfigurationToken>`;
  const holdMs =
    configurationToken === undefined
      ? undefined
      : await attempt('PTZ options', async () =>
          holdRangeMsFrom(await question('ptz', 'GetConfigurationOptions', configuration)),
        );
  if (holdMs === undefined) {
    const remedy = 'The edge stops it, and an edge that dies meanwhile does so when it is back.';
    find('PTZ_TIMEOUT_NOT_TOLD', `The device does not tell how long it may turn by itself. ${remedy}`);
  }

  const ofProfile = `<ProfileToken>${escapeXml(profile)}</ProfileToken>`;
  const status = await attempt('PTZ status', async () => ptzStatusFrom(await question('ptz', 'GetStatus', ofProfile)));
  const tells = [
    ...(status?.position === undefined ? [] : (['position'] as const)),
    ...(status?.isMoving === undefined ? [] : (['movement'] as const)),
  ];
  if (tells.length === 0) {
    find('PTZ_STATUS_NOT_TOLD', 'The device tells neither where it stands nor whether it moves: it is believed.');
  }
  const presets =
    (await attempt('presets', async () => presetsFrom(await question('ptz', 'GetPresets', ofProfile)))) ?? [];
  if (new Set(presets.map(({ token }) => token)).size < presets.length) {
    find('PTZ_PRESET_TWICE', 'The device gives several presets one token: the first of them is meant.');
  }
  return { profileToken: profile, nodes, holdMs, tells, presets };
}
