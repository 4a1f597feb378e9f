import type { ValueFactor } from '@dipper/contract/credential-hmac';
import type { PassClaims } from '@dipper/contract/pass';
import type { PolicyBody } from '@dipper/contract/policy-body';
import { policyProblems } from '@dipper/contract/policy-check';
import { applyChanges, createAccessMemory } from '@dipper/edge/access/decision/access-memory';
import { decide, endWaiting } from '@dipper/edge/access/decision/decide';
import { compilePolicy } from '@dipper/edge/access/decision/decision-policy';
import { forgiving } from '@dipper/edge/access/decision/forgiving';
import { passageOver } from '@dipper/edge/access/decision/grant-effects';
import type { Decision, Grant, Identity } from '@dipper/edge/access/decision/request';
import { hmacOf, IN, uuidOf } from './access-policy.ts';

/** Monday, 12:00 in Shanghai. */
export const NOON_MS = Date.parse('2026-06-01T04:00:00.000Z');
export const MINUTE_MS = 60_000;

/** A policy, a memory and a clock that a test turns: the decision as the gate process uses it. */
export function accessGround(body: PolicyBody | undefined, expiresAt = '2026-12-31T00:00:00.000Z') {
  const problems = body === undefined ? [] : policyProblems(body);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const memory = createAccessMemory();
  let policy = body && compilePolicy(body, { expiresAt });
  let count = 0;

  function offer(identity: Identity, accessPoint = IN): Decision {
    count += 1;
    const decision = decide(
      policy,
      memory,
      { accessPoint, identity, correlation: uuidOf(900_000 + count) },
      ground.nowMs,
    );
    if (decision.supersedes !== undefined) applyChanges(memory, decision.supersedes.changes);
    applyChanges(memory, decision.changes);
    return decision;
  }
  const ground = {
    nowMs: NOON_MS,
    memory,
    offer,
    replace: (next: PolicyBody, until = expiresAt) => {
      policy = compilePolicy(next, { expiresAt: until });
    },
    value: (factor: ValueFactor, value: string, accessPoint = IN): Decision =>
      offer({ kind: 'value', factor, hmac: hmacOf(factor, value) }, accessPoint),
    card: (number: number, accessPoint = IN): Decision =>
      ground.value('card', `CARD${String(number).padStart(4, '0')}`, accessPoint),
    pass: (claims: PassClaims | undefined, accessPoint = IN): Decision =>
      offer({ kind: 'pass', factor: 'qr', claims }, accessPoint),
    button: (accessPoint = IN): Decision => offer({ kind: 'button', factor: 'button' }, accessPoint),
    /** The passage of a grant came to pass, or did not. */
    passage: (grant: Decision, isTaken: boolean): void =>
      applyChanges(memory, passageOver(memory, grant as Grant, isTaken)),
    /** By hand: forgets where somebody is, or who is in an area. @returns of how many it was known */
    forgive: (whom: Parameters<typeof forgiving>[1]): number => {
      const changes = forgiving(memory, whom);
      applyChanges(memory, changes);
      return changes.length;
    },
    endWaiting: () => {
      const ended = endWaiting(memory, ground.nowMs);
      for (const { changes } of ended) applyChanges(memory, changes);
      return ended;
    },
  };
  return ground;
}

/** What a decision comes to, in a word. */
export const wordOf = (decision: Decision): string =>
  decision.outcome === 'waiting' ? 'waiting' : `${decision.outcome} ${decision.reason}`;
