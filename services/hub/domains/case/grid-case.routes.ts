import { Priority } from '@dipper/contract/api/alarm';
import { CaseDetail, CaseState, CaseStepRequest, GridCase, Platform } from '@dipper/contract/api/case';
import { DipperError } from '@dipper/contract/errors';
import { Slug, Uuid } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { listed, listQuery, listResponse } from '../../plugins/list-schema.ts';
import { CASE_HANDLERS, CASE_WORKERS, EVERYBODY } from '../../plugins/roles.ts';
import type { GridCaseService } from '../../services.ts';
import type { AccountService } from '../account/account.service.ts';

const Query = listQuery({
  state: Type.Optional(CaseState),
  platform: Type.Optional(Platform),
  priority: Type.Optional(Priority),
  grid: Type.Optional(Slug),
  /** Account name; `me` stands for the account that asks. */
  assignee: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  incident: Type.Optional(Uuid),
  estate: Type.Optional(Slug),
  place: Type.Optional(Slug),
  /** Whether the deadline has passed and the case is neither closed nor voided. */
  overdue: Type.Optional(Type.Boolean()),
});
const Params = Type.Object({ id: Uuid });

export interface GridCaseRoutesOptions {
  readonly cases: GridCaseService;
  readonly accounts: Pick<AccountService, 'findAssignee'>;
}

export const gridCaseRoutes: FastifyPluginAsyncTypebox<GridCaseRoutesOptions> = async (app, { cases, accounts }) => {
  /** The account's own spelling: a case given to nobody, or to somebody who may not accept it, is lost. */
  const nameOf = async (assignee: string): Promise<string> => {
    const name = await accounts.findAssignee(assignee, CASE_HANDLERS);
    if (name !== undefined) return name;
    const problem = { path: '/body/assignee', message: 'is nobody who may accept a case' };
    throw new DipperError('REQUEST_INVALID', { message: `${problem.path}: ${problem.message}`, detail: [problem] });
  };
  app.get(
    '/cases',
    {
      config: { access: { roles: EVERYBODY } },
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
      const { assignee, ...query } = request.query;
      if (assignee === undefined) return listed(await cases.list(query, actor));
      const isMe = assignee === 'me';
      return listed(await cases.list({ ...query, assignee: isMe ? actor.name : assignee }, actor));
    },
  );
  app.get(
    '/cases/:id',
    {
      config: { access: { roles: EVERYBODY } },
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
      config: { access: { roles: CASE_WORKERS } },
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
      const given = assignee === undefined ? step : { ...step, assignee: await nameOf(assignee) };
      const detail = await cases.takeStep(request.params.id, given, principalOf(request));
      return reply.code(201).send(detail);
    },
  );
};
