import type { Role } from '@dipper/contract/api/session';
import type { Scope } from '../scope/scope.ts';

/** Who makes a request, as far as the hub has checked. */
export interface Principal {
  readonly sessionId: string;
  readonly accountId: string;
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  /** What lies outside does not exist for this account. */
  readonly scope: Scope;
  readonly expiresAt: Date;
  /** Whether a program asks, with a token of the account; `sessionId` is then the token's id. */
  readonly isToken?: true;
  /** Whether the account has to set up a second factor before anything else. */
  readonly mustEnrol?: true;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nobody is signed in, which only a route declared `public` or for edges ever sees. */
    principal: Principal | undefined;
  }
}

/** Whether an account has one of the roles. */
export function hasRole(principal: Principal, roles: readonly Role[]): boolean {
  return roles.some((role) => principal.roles.includes(role));
}
