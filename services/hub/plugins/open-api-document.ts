import { ERROR_CODES, type ErrorCode } from '@dipper/contract/errors';
import { type ApiSchema, exampleOf } from './schema-example.ts';

interface MediaType {
  schema?: ApiSchema;
  example?: unknown;
  examples?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: ApiSchema;
  example?: unknown;
}

/** As much of an OpenAPI operation as is completed here. */
export interface DocumentedOperation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, MediaType>> };
  readonly responses?: Record<string, { description?: string; content?: Record<string, MediaType> }>;
}

/** A cursor is what a list gave out before: one that is made up is refused. */
const OPAQUE = ['cursor', 'after'];

/** Every refusal has the same form: said once, or it would be most of the document. */
const PROBLEM = { $ref: '#/components/schemas/Problem' };

/** Puts an example beside everything that is sent and answered, where its schema names none, and shares what is the same. */
export function completeOperation(operation: DocumentedOperation): void {
  addExamples(operation);
  for (const { content } of Object.values(operation.responses ?? {})) {
    const problem = content?.['application/problem+json'];
    if (problem !== undefined) problem.schema = PROBLEM;
  }
}

function addExamples(operation: DocumentedOperation): void {
  for (const parameter of operation.parameters ?? []) {
    if (parameter.schema === undefined || OPAQUE.includes(parameter.name)) continue;
    parameter.example ??= exampleOf(parameter.schema);
  }
  const contents = [
    operation.requestBody?.content,
    ...Object.values(operation.responses ?? {}).map((each) => each.content),
  ];
  for (const content of contents) {
    for (const media of Object.values(content ?? {})) {
      if (media.example !== undefined || media.examples !== undefined || media.schema === undefined) continue;
      media.example = exampleOf(media.schema);
    }
  }
}

/** What a route can be asked with, as far as it decides how it can refuse. */
export interface RefusableRoute {
  readonly isForPeople: boolean;
  readonly isForSome: boolean;
  readonly hasInput: boolean;
  readonly hasParams: boolean;
  readonly hasBody: boolean;
  readonly isChange: boolean;
  readonly isIdempotent: boolean;
  readonly isLimited: boolean;
  readonly needsDatabase: boolean;
  /** What else it says by itself. */
  readonly own: readonly ErrorCode[];
}

/** The codes with which a route may refuse, by HTTP status. */
export function refusalsOf(route: RefusableRoute): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set<ErrorCode>([
    ...when(route.hasInput || route.isIdempotent, 'REQUEST_INVALID'),
    ...when(route.isForPeople, 'NOT_SIGNED_IN'),
    ...when(route.isForSome, 'FORBIDDEN'),
    ...when(route.isForPeople && route.isChange, 'CSRF_INVALID'),
    ...when(route.hasParams, 'NOT_FOUND'),
    ...when(route.hasBody, 'MESSAGE_TOO_LARGE'),
    ...when(route.isIdempotent, 'IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_ANSWER_LOST', 'IDEMPOTENCY_KEY_REUSED'),
    ...when(route.isLimited, 'TOO_MANY_ATTEMPTS'),
    ...when(route.needsDatabase, 'DATABASE_UNAVAILABLE'),
    ...route.own,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function when(isSo: boolean, ...codes: ErrorCode[]): ErrorCode[] {
  return isSo ? codes : [];
}

/** The problem document that stands as the example of a refusal. */
export function problemExample(code: ErrorCode): unknown {
  const { status, en } = ERROR_CODES[code];
  const requestId = '0190f0b2-5c1e-7a3b-9d4f-2b6c8e1a7d55';
  return { type: `urn:dipper:error:${code}`, title: en, status, code, requestId };
}
