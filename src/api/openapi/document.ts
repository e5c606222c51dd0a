import type { z } from 'zod';
import {
  extraRoutesBody,
  quotaBody,
  RESOURCES,
  routerInterfaceBody,
  routerInterfaceShown,
} from '../../intent/store/index.ts';
import { COLLECTIONS } from '../collections.ts';
import * as answers from './answers.ts';
import { shownSchema, takenSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { resourcePaths, routerActionPaths, SCHEMA_NAMES } from './networking-paths.ts';
import { json, ref } from './operations.ts';
import { neutronPaths, ownPaths } from './other-paths.ts';

/** The API as an OpenAPI 3.1 document, made of the schemas that the store reads and shows resources by. */
export function openApiDocument(): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Buoy',
      version: '2.0',
      description: 'OpenStack Networking v2.0 for floating IPs on this host, and what the agent tells of itself.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{}, { token: [] }, { bearer: [] }],
    paths: Object.assign({}, ...COLLECTIONS.map(resourcePaths), routerActionPaths(), neutronPaths(), ownPaths()),
    components: {
      securitySchemes: {
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      responses: {
        Error: { description: 'Refused, or failed.', content: json(ref('NeutronError')) },
        Unauthorized: { description: 'No token, or one that is not known.', content: json(ref('KeystoneError')) },
      },
      schemas: { ...resourceSchemas(), ...otherSchemas() },
    },
  };
}

function resourceSchemas(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    COLLECTIONS.flatMap((collection) => {
      const { shown, create, update } = RESOURCES[collection];
      const name = SCHEMA_NAMES[collection];
      return [
        [name, shownSchema(shown)],
        [`${name}Create`, takenSchema(create)],
        [`${name}Update`, takenSchema(update)],
      ];
    }),
  );
}

function otherSchemas(): Readonly<Record<string, JsonSchema>> {
  const shown: Readonly<Record<string, z.ZodType>> = {
    RouterInterface: routerInterfaceShown,
    Links: answers.linksField,
    Versions: answers.versionsAnswer,
    Resources: answers.resourcesAnswer,
    Extension: answers.extension,
    Agent: answers.agent,
    Quota: answers.quota,
    ProjectQuota: answers.projectQuota,
    QuotaDetails: answers.quotaDetails,
    Health: answers.healthAnswer,
    Ready: answers.readyAnswer,
    Waiting: answers.waitingAnswer,
    Status: answers.statusAnswer,
    NeutronError: answers.neutronErrorAnswer,
    KeystoneError: answers.keystoneErrorAnswer,
  };
  return {
    ...Object.fromEntries(Object.entries(shown).map(([name, schema]) => [name, shownSchema(schema)])),
    QuotaUpdate: takenSchema(quotaBody),
    RouterInterfaceBody: takenSchema(routerInterfaceBody),
    ExtraRoutesBody: takenSchema(extraRoutesBody),
  };
}
