type Attributes = Readonly<Record<string, unknown>>;

/** The attributes that were asked for; all, if none was. Names that there are none of are passed over, as by Neutron. */
export function project(resource: Attributes, fields: readonly string[]): Attributes {
  if (fields.length === 0) return resource;
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(resource, field)).map((field) => [field, resource[field]]),
  );
}
