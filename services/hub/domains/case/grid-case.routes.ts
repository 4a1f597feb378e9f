import { Priority } from '@dipper/contract/api/alarm';
import {
  type CaseAction,
  CaseDetail,
  CaseSource,
  CaseState,
  CaseStepRequest,
  GridCase,
  Platform,
} from '@dipper/contract/api/case';
import { CaseCategories } from '@dipper/contract/api/case-category';
import { CaseDuplicates, DuplicateQuery, NewCase } from '@dipper/contract/api/case-report';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { CASE_HANDLERS, CASE_LEADERS, CASE_WORKERS, EVERYBODY } from '../../plugins/roles.ts';
import type { GridCaseService } from '../../services.ts';
import type { AccountService } from '../account/account.service.ts';
import type { CaseTerms } from './case-terms.ts';
import { invalidField } from './invalid-field.ts';

/** Filters of lists of cases. */
export const CASE_FILTERS = {
  state: Type.Optional(CaseState),
  platform: Type.Optional(Platform),
  priority: Type.Optional(Priority),
  grid: Type.Optional(Slug),
  /** Account name; `me` stands for the account that asks. */
  assignee: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  incident: Type.Optional(Uuid),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
  category: Type.Optional(Slug),
  source: Type.Optional(CaseSource),
  /** Account name; `me` stands for the account that asks. */
  leader: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** Whether it has not ended: neither closed nor voided nor merged. */
  open: Type.Optional(Type.Boolean()),
  /** Whether the deadline has passed, while it was not suspended, and the case has not ended. */
  overdue: Type.Optional(Type.Boolean()),
  supervised: Type.Optional(Type.Boolean()),
  /** Whether something waits in it for somebody's approval. */
  requested: Type.Optional(Type.Boolean()),
};
const Query = listQuery(CASE_FILTERS);
const Params = Type.Object({ id: Uuid });

export interface GridCaseRoutesOptions {
  readonly cases: GridCaseService;
  readonly terms: Pick<CaseTerms, 'categories'>;
  readonly accounts: Pick<AccountService, 'findAssignee'>;
}

export const gridCaseRoutes: FastifyPluginAsyncTypebox<GridCaseRoutesOptions> = async (
  app,
  { cases, terms, accounts },
) => {
  /** The account's own spelling: a case given to nobody, or to somebody who may not accept it, is lost. */
  const nameOf = async (assignee: string, action: CaseAction): Promise<string> => {
    const name = await accounts.findAssignee(assignee, action === 'entrust' ? CASE_LEADERS : CASE_HANDLERS);
    if (name !== undefined) return name;
    const what = action === 'entrust' ? 'own' : 'accept';
    throw invalidField('assignee', `is nobody who may ${what} a case`);
  };
  app.get(
    '/cases',
    {
      config: { access: { roles: EVERYBODY, located: true }, audit: { action: 'case.list' } },
      schema: {
        summary: 'Grid cases, newest first',
        description: '`actions` of each case are what the account that asks may do next.',
        tags: ['cases'],
        querystring: Query,
        response: listResponse(GridCase),
      },
    },
    async (request) => {
      const actor = principalOf(request);
      return listed(await cases.list(withMe(request.query, actor.name), actor));
    },
  );
  app.get(
    '/case-categories',
    {
      config: { access: { roles: EVERYBODY, located: true } },
      schema: {
        summary: 'What cases can be about, and how soon they have to be dealt with',
        tags: ['cases'],
        response: { 200: CaseCategories },
      },
    },
    async () => ({ items: [...terms.categories] }),
  );
  app.get(
    '/cases/duplicates',
    {
      config: { access: { roles: EVERYBODY, located: true }, audit: { action: 'case.list' } },
      schema: {
        summary: 'Open cases that may be about the same thing as one that is about to be opened',
        description:
          'Same category, opened within a week, and the same place, or estate, or grid where no place is named.',
        tags: ['cases'],
        querystring: DuplicateQuery,
        response: { 200: CaseDuplicates },
      },
    },
    async (request) => ({ items: await cases.findDuplicates(request.query) }),
  );
  app.post(
    '/cases',
    {
      config: { access: { roles: CASE_WORKERS, located: true }, audit: { action: 'case.create' } },
      schema: {
        summary: 'Open a case: what somebody saw on patrol, or what came by phone, by letter, or in person',
        description:
          'Everybody who works on cases may report what was seen on patrol; the other sources are for dispatchers.',
        tags: ['cases'],
        body: NewCase,
        response: { 201: CaseDetail },
      },
    },
    async (request, reply) => {
      const opened = await cases.open(request.body, principalOf(request));
      request.auditNote = { target: opened.case.id };
      return reply.code(201).send(opened);
    },
  );
  app.get(
    '/cases/:id',
    {
      config: { access: { roles: EVERYBODY, located: true }, audit: { action: 'case.read' } },
      schema: {
        summary: 'One case with its steps and alarms',
        tags: ['cases'],
        params: Params,
        response: { 200: CaseDetail },
      },
    },
    async (request) => cases.get(request.params.id, principalOf(request)),
  );
  app.post(
    '/cases/:id/steps',
    {
      config: { access: { roles: CASE_WORKERS, located: true }, audit: { action: 'case.step' } },
      schema: {
        summary: 'Take a step in a case',
        description:
          'Answers the case as it is afterwards. Send the `version` that was decided on: an older one is VERSION_CONFLICT.',
        tags: ['cases'],
        params: Params,
        body: CaseStepRequest,
        response: { 201: CaseDetail },
      },
    },
    async (request, reply) => {
      const { assignee, ...step } = request.body;
      const given = assignee === undefined ? step : { ...step, assignee: await nameOf(assignee, step.action) };
      const detail = await cases.takeStep(request.params.id, given, principalOf(request));
      return reply.code(201).send(detail);
    },
  );
};

/** `me` stands for the account that asks. */
export function withMe<T extends { readonly assignee?: string; readonly leader?: string }>(query: T, me: string): T {
  return {
    ...query,
    ...(query.assignee === 'me' ? { assignee: me } : {}),
    ...(query.leader === 'me' ? { leader: me } : {}),
  };
}
