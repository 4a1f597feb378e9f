import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';

/** What the hub cannot work without, and whether it is there. */
export interface Readiness {
  readonly database: boolean;
  readonly broker: boolean;
  readonly migrations: boolean;
  /** Agents whose events cannot be judged: the hub can do its work, but somebody should look. */
  readonly agentsNotJudged: number;
}

export interface HealthRoutesOptions {
  readonly readiness: () => Promise<Readiness>;
}

const Health = Type.Object({ status: Type.Literal('ok') }, { additionalProperties: false });
const Part = Type.Enum(['ok', 'missing']);
const Ready = Type.Object(
  {
    status: Part,
    parts: Type.Object({ database: Part, broker: Part, migrations: Part }, { additionalProperties: false }),
    /** Agents whose next events cannot be judged; the log and the table `evaluation_failure` say why. */
    agentsNotJudged: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);

const partOf = (isThere: boolean): 'ok' | 'missing' => (isThere ? 'ok' : 'missing');

/** For whoever runs the hub: is the process alive, and should requests be sent to it. */
export const healthRoutes: FastifyPluginAsyncTypebox<HealthRoutesOptions> = async (app, { readiness }) => {
  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: { summary: 'Whether the process is alive', tags: ['operation'], response: { 200: Health } },
    },
    async () => ({ status: 'ok' }) as const,
  );
  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Whether the hub can do its work',
        description:
          '503 while a part is missing, and which. `agentsNotJudged` counts agents whose events cannot be judged; it refuses no request.',
        tags: ['operation'],
        response: { 200: Ready, 503: Ready },
      },
    },
    async (_request, reply) => {
      const { database, broker, migrations, agentsNotJudged } = await readiness();
      const isReady = database && broker && migrations;
      return reply.code(isReady ? 200 : 503).send({
        status: partOf(isReady),
        parts: { database: partOf(database), broker: partOf(broker), migrations: partOf(migrations) },
        agentsNotJudged,
      });
    },
  );
};
