import type { Controller } from './controller.ts';
import type { AskedAccess } from './driver.ts';
import type { AnswerOptions } from './gate-control.ts';
import { GateError } from './gate-error.ts';
import { isTrue } from './gate-lines.ts';
import { escapeXml } from './username-token.ts';
import { attributeOf, children, descend, textOf } from './xml-node.ts';

/** ONVIF Access Control Service Specification. */
const ACCESS_CONTROL = 'http://www.onvif.org/ver10/accesscontrol/wsdl';
/** Lists come in pieces; nobody has a thousand readers before one door. */
const MAX_LIST_PIECES = 16;

/** Answers what the readers before one door ask. @throws GateError */
export type AnswerAccess = (asked: AskedAccess, isGranted: boolean, options: AnswerOptions) => Promise<void>;

/** The access points that lead through a door and leave the decision to others. */
async function listAsking(controller: Controller, url: URL, door: string): Promise<Set<string>> {
  const asking = new Set<string>();
  let reference = '';
  for (let piece = 0; piece < MAX_LIST_PIECES; piece += 1) {
    const start = reference === '' ? '' : `<StartReference>${escapeXml(reference)}</StartReference>`;
    const body = await controller.ask(url, ACCESS_CONTROL, 'GetAccessPointInfoList', start);
    const response = descend(body, 'GetAccessPointInfoListResponse');
    for (const node of children(response, 'AccessPointInfo')) {
      const token = attributeOf(node, 'token');
      const asks = isTrue(attributeOf(descend(node, 'Capabilities'), 'ExternalAuthorization'));
      if (token !== undefined && asks && textOf(descend(node, 'Entity')) === door) asking.add(token);
    }
    reference = textOf(descend(response, 'NextStartReference')) ?? '';
    if (reference === '') break;
  }
  return asking;
}

/**
 * Finds the readers before a door that wait for an outside decision. Only those are answered: a yes to another access point
 * of the same controller would open another door.
 *
 * @returns undefined where there are none
 */
export async function findAnswer(controller: Controller, door: string): Promise<AnswerAccess | undefined> {
  const url = controller.serviceUrl(ACCESS_CONTROL);
  if (url === undefined) return undefined;
  const asking = await listAsking(controller, url, door).catch((error: unknown) => {
    const isNo = error instanceof GateError && (error.code === 'GATE_FAULT' || error.code === 'GATE_NOT_SUPPORTED');
    if (!isNo) throw error;
    return new Set<string>();
  });
  if (asking.size === 0) return undefined;
  return async ({ accessPoint, credential }, isGranted, { timeoutMs, signal }) => {
    if (!asking.has(accessPoint)) return;
    const token = credential === undefined ? '' : `<CredentialToken>${escapeXml(credential)}</CredentialToken>`;
    const body = `<AccessPointToken>${escapeXml(accessPoint)}</AccessPointToken>${token}<Decision>${isGranted ? 'Granted' : 'Denied'}</Decision>`;
    await controller.ask(url, ACCESS_CONTROL, 'ExternalAuthorization', body, { timeoutMs, signal });
  };
}
