import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { ruleRoutes } from '@dipper/hub/domains/rule/rule.routes';
import type { RuleService } from '@dipper/hub/domains/rule/rule.service';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';

it('ends a dry run when whoever asked for it hangs up', async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  const rules: Pick<RuleService, 'dryRun'> = {
    dryRun(_request, signal) {
      asked.resolve(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
  };
  const app = fastify();
  await app.register(ruleRoutes, { rules: rules as RuleService, signal: new AbortController().signal });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const body = JSON.stringify({ yaml: 'x', from: '2026-11-24T00:00:00.000Z', until: '2026-11-25T00:00:00.000Z' });
  socket.write(
    `POST /rules/dry-run HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const signal = await asked.promise;
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  socket.destroy();
  await aborted;
  await app.close();
});
