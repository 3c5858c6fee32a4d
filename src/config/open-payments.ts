/** Open Payments: the resource server, its authority, and who this service is to others. */
import { flag, httpUrl, integer, optionalHttpUrl, optionalPointerUrl, optionalText, port, type Setting } from './kinds'

export const OPEN_PAYMENTS_SETTINGS = {
  openPaymentsPort: port('OPEN_PAYMENTS_PORT', 3003, 'Payment pointers and what is below them. 0 takes any free port.'),
  openPaymentsUrl: httpUrl(
    'OPEN_PAYMENTS_URL',
    'http://127.0.0.1:3003',
    'What the URLs of connections start with, as others reach this service.'
  ),
  nodePaymentPointerUrl: optionalPointerUrl(
    'PAYMENT_POINTER_URL',
    'Payment pointer as which the service asks other servers; its key is published below it. Unset: `/.well-known/open-payments` on the host of `OPEN_PAYMENTS_URL`.'
  ),
  keyId: optionalText('KEY_ID', 'text', 'Name of that key. Unset: its thumbprint.'),
  privateKeyFile: optionalText(
    'PRIVATE_KEY_FILE',
    'file',
    'The Ed25519 key that signs what the service asks of others, as PKCS#8 in PEM. Unset: one that is kept in the database.'
  ),
  authPort: port(
    'AUTH_PORT',
    3006,
    'The authority of the service itself, if there is no other one. 0 takes any free port.'
  ),
  authServerGrantUrl: optionalHttpUrl(
    'AUTH_SERVER_GRANT_URL',
    'Where clients ask for grants, as they reach it. Unset: `AUTH_PORT` on the host of `OPEN_PAYMENTS_URL`.'
  ),
  authServerIntrospectionUrl: optionalHttpUrl(
    'AUTH_SERVER_INTROSPECTION_URL',
    'Tells what access tokens allow. Unset: the service is its own authority.'
  ),
  grantsPerClientMax: integer(
    'AUTH_GRANTS_PER_CLIENT',
    [1, 1_000_000],
    60,
    'Grants a minute that it gives one client, for each instance of the service.'
  ),
  grantsPerAddressMax: integer(
    'AUTH_GRANTS_PER_ADDRESS',
    [1, 1_000_000],
    600,
    'Requests a minute for grants that it looks at from one address, for each instance of the service.'
  ),
  openPaymentsInsecureHttp: flag(
    'OPEN_PAYMENTS_INSECURE_HTTP',
    false,
    'For development: plain HTTP on the wire where a URL says https, in both directions.'
  ),
  openPaymentsAllowPrivateHosts: flag(
    'OPEN_PAYMENTS_ALLOW_PRIVATE_HOSTS',
    false,
    'Whether URLs that others name may lead to addresses that are not of the public internet.'
  ),
  paymentPointerLookupTimeoutMilliseconds: integer(
    'PAYMENT_POINTER_LOOKUP_TIMEOUT_MS',
    [0, 60_000],
    1_500,
    'How long a request for a payment pointer that is not there waits for the operator to make it.'
  ),
  paymentPointerPollingMilliseconds: integer(
    'PAYMENT_POINTER_POLLING_FREQUENCY_MS',
    [1, 60_000],
    100,
    'How often it looks meanwhile.'
  )
} satisfies Record<string, Setting<unknown>>
