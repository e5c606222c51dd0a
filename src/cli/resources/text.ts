// How attributes read.

import type { FloatingIp, Router } from '../agent/resource-types.ts';

/** The status and, of an error, its code. */
export function statusText({ status, 'buoy:error': error }: Router | FloatingIp): string {
  return status === 'ERROR' && error ? `${status} ${error.code}` : status;
}

/** The value of an attribute on one line: lists with commas, objects as `key=value`. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value))
    return value.length === 0 ? '-' : value.map((member: unknown) => valueText(member)).join(', ');
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const parts = Object.entries(value).map(([key, member]) => `${key}=${valueText(member)}`);
  return parts.length === 0 ? '-' : parts.join(' ');
}
