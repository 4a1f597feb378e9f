import { DryRunResult, NewRule, RuleChange, RuleDryRun, RuleVersion, RuleView } from '@dipper/contract/api/rule';
import { Slug } from '@dipper/contract/identifiers';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { principalOf } from '../../plugins/access.ts';
import { RULE_KEEPERS, RULE_READERS } from '../../plugins/roles.ts';
import type { RuleService } from './rule.service.ts';

export interface RuleRoutesOptions {
  readonly rules: RuleService;
  /** Aborted when the hub stops. */
  readonly signal: AbortSignal;
}

const Params = Type.Object({ id: Slug });
const itemsOf = <T extends typeof RuleView | typeof RuleVersion>(item: T) => Type.Object({ items: Type.Array(item) });
const tags = ['rules'];
const reading = { access: { roles: RULE_READERS } } as const;

export const ruleRoutes: FastifyPluginAsyncTypebox<RuleRoutesOptions> = async (app, { rules, signal }) => {
  app.get(
    '/rules',
    {
      config: reading,
      schema: {
        summary: 'Alarm rules: those of the rules file, then those made here',
        tags,
        response: { 200: itemsOf(RuleView) },
      },
    },
    async () => ({ items: await rules.list() }),
  );
  app.get(
    '/rules/:id',
    { config: reading, schema: { summary: 'One rule', tags, params: Params, response: { 200: RuleView } } },
    async ({ params }) => rules.get(params.id),
  );
  app.get(
    '/rules/:id/versions',
    {
      config: reading,
      schema: {
        summary: 'Every version of a rule, the newest first: who, when and why',
        tags,
        params: Params,
        response: { 200: itemsOf(RuleVersion) },
      },
    },
    async ({ params }) => ({ items: await rules.listVersions(params.id) }),
  );
  app.post(
    '/rules',
    {
      config: { access: { roles: RULE_KEEPERS }, audit: { action: 'rule.create', target: 'answer.id' } },
      schema: {
        summary: 'Make a rule',
        description: 'In force on every copy of the hub within seconds. RULE_INVALID names the line of each problem.',
        tags,
        body: NewRule,
        response: { 201: RuleView },
      },
    },
    async (request, reply) => reply.code(201).send(await rules.create(request.body, principalOf(request))),
  );
  app.patch(
    '/rules/:id',
    {
      config: { access: { roles: RULE_KEEPERS }, audit: { action: 'rule.update' } },
      schema: {
        summary: 'Change a rule, or switch it on or off',
        description:
          'Alarms that nothing can end any more are cleared with the reason in their history. VERSION_CONFLICT when somebody was first.',
        tags,
        params: Params,
        body: RuleChange,
        response: { 200: RuleView },
      },
    },
    async (request) => rules.change(request.params.id, request.body, principalOf(request)),
  );
  app.post(
    '/rules/dry-run',
    {
      config: { access: { roles: RULE_KEEPERS }, audit: { none: 'reads the history and changes nothing' } },
      schema: {
        summary: 'What a rule would have raised in a time that has passed',
        description:
          'As if the events of that time came to an empty hub and nobody saw to the alarms. At most 31 days, and two at a time (DRY_RUN_BUSY); ends when the connection is closed.',
        tags,
        body: RuleDryRun,
        response: { 200: DryRunResult },
      },
    },
    async (request, reply) => {
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      // Whoever asked may have gone before we listened.
      if (reply.raw.closed) gone.abort();
      return rules.dryRun(request.body, AbortSignal.any([signal, gone.signal]));
    },
  );
};
