import type { ApiSchema } from '@dipper/hub/plugins/schema-example';

export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: ApiSchema;
  readonly example?: unknown;
}

export interface ApiMedia {
  readonly schema?: ApiSchema;
  readonly example?: unknown;
  readonly examples?: unknown;
}

export interface ApiOperation {
  readonly method: string;
  /** e.g. `/api/v1/cases/{id}` */
  readonly path: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters: readonly ApiParameter[];
  readonly body: Readonly<Record<string, ApiMedia>> | undefined;
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Record<string, ApiMedia> }>
  >;
}

/** Every operation that a running hub describes. */
export async function readOperations(url: string): Promise<ApiOperation[]> {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  const { components } = JSON.parse(text) as { components: { schemas: { Problem: unknown } } };
  // What the document says once is put where it is meant, so that each schema stands by itself.
  const whole = text.replaceAll('{"$ref":"#/components/schemas/Problem"}', JSON.stringify(components.schemas.Problem));
  const document = JSON.parse(whole) as {
    paths: Record<
      string,
      Record<
        string,
        Omit<ApiOperation, 'method' | 'path' | 'body'> & { requestBody?: { content: ApiOperation['body'] } }
      >
    >;
  };
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody, parameters = [], ...operation }]) => ({
      ...operation,
      parameters,
      body: requestBody?.content,
      method: method.toUpperCase(),
      path,
    })),
  );
}
