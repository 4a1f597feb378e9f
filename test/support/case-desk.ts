import type { CaseDetail, CaseStepRequest } from '@dipper/contract/api/case';
import type { NewCase } from '@dipper/contract/api/case-report';
import type { Role } from '@dipper/contract/api/session';
import { expect } from 'vitest';
import { type ApiClient, signIn } from './api-client.ts';
import { ADMIN_PASSWORD, signInAs } from './running-hub.ts';

/** Where cases lie unless a test says otherwise: the first grid of the estate. */
export const CASE_PLACE = 'lanting-main-gate';
/** What is written by whoever handled it, and nobody without an account may read. */
export const HANDLED_NOTE = '已更换灯泡，联系人王小明 13800000000';

/** People who deal with cases over HTTP, one of each role, and what they do again and again. */
export interface CaseDesk {
  readonly admin: ApiClient;
  readonly worker: ApiClient;
  readonly dispatcher: ApiClient;
  readonly supervisor: ApiClient;
  open(more?: Partial<NewCase>, client?: ApiClient): Promise<CaseDetail>;
  /** Takes a step on the version of now. */
  step(client: ApiClient, id: string, more: Omit<CaseStepRequest, 'version'>): Promise<CaseDetail>;
  bringToClose(id: string): Promise<void>;
}

export async function createCaseDesk(hubUrl: string): Promise<CaseDesk> {
  const admin = await signIn(hubUrl, 'admin', ADMIN_PASSWORD);
  const as = (role: Role): Promise<ApiClient> => signInAs(hubUrl, admin, role);
  const [worker, dispatcher, supervisor] = await Promise.all([as('grid-worker'), as('dispatcher'), as('supervisor')]);
  const step: CaseDesk['step'] = async (client, id, more) => {
    const { case: known } = await admin.get<CaseDetail>(`/api/v1/cases/${id}`);
    const body = { version: known.version, ...more };
    return answerOf<CaseDetail>(await client.send('POST', `/api/v1/cases/${id}/steps`, body), 201);
  };
  return {
    ...{ admin, worker, dispatcher, supervisor, step },
    async open(more = {}, client = worker) {
      const report = { source: 'patrol', category: 'public-lighting', title: '路灯不亮', place: CASE_PLACE };
      return answerOf<CaseDetail>(await client.send('POST', '/api/v1/cases', { ...report, ...more }), 201);
    },
    async bringToClose(id) {
      await step(dispatcher, id, { action: 'establish' });
      await step(dispatcher, id, { action: 'dispatch', assignee: 'grid-worker' });
      await step(worker, id, { action: 'accept' });
      await step(worker, id, { action: 'handle', note: HANDLED_NOTE });
      await step(dispatcher, id, { action: 'verify' });
      await step(supervisor, id, { action: 'close' });
    },
  };
}

/** The body of an answer that has to have a status. */
export async function answerOf<T>(answer: Response, status: number): Promise<T> {
  const text = await answer.text();
  expect([answer.status, text]).toEqual([status, text]);
  return JSON.parse(text) as T;
}

/** Sends a picture as a page or phone does: its bytes are the body. */
export function sendPicture(
  hubUrl: string,
  { token }: ApiClient,
  id: string,
  picture: { readonly body: Buffer; readonly type?: string; readonly query?: string },
): Promise<Response> {
  return fetch(`${hubUrl}/api/v1/cases/${id}/attachments${picture.query ?? ''}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': picture.type ?? 'image/jpeg' },
    body: new Uint8Array(picture.body),
  });
}
