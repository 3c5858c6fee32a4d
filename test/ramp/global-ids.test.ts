/** Goal: the same object always has the same id, both spellings of a type are read, and nothing else is. */
import { GLOBAL_TYPES, globalId, parseGlobalId, readGlobalId } from '../../src/services/ramp/global-ids'

const UUID = '18df6bb4-a6d6-421e-b441-8bab2a6c49b7'
const encode = (text: string): string => Buffer.from(text).toString('base64')

test('the id that was published for a payment is emitted and read', () => {
  const published = 'UDJQUGF5bWVudC0xOGRmNmJiNC1hNmQ2LTQyMWUtYjQ0MS04YmFiMmE2YzQ5Yjc='
  expect(globalId('P2PPayment', UUID)).toBe(published)
  expect(parseGlobalId('P2PPayment', published)).toBe(UUID)
})

test.each(GLOBAL_TYPES)('%s is read back, and as no other type', (type) => {
  const id = globalId(type, UUID)
  expect(readGlobalId(id)).toEqual({ type, uuid: UUID })
  expect(GLOBAL_TYPES.filter((other) => parseGlobalId(other, id) !== undefined)).toEqual([type])
})

test('case 7: a customer is read with a namespace and without', () => {
  const customer = encode(`MerchantCustomer-${UUID}`)
  const namespaced = encode(`Types::Cashramp::API::MerchantCustomer-${UUID}`)
  expect(parseGlobalId('MerchantCustomer', customer)).toBe(UUID)
  expect(parseGlobalId('MerchantCustomer', namespaced)).toBe(UUID)
  expect(globalId('MerchantCustomer', UUID)).toBe(customer)
})

test('a payment request is read by its older name', () => {
  const older = encode(`MerchantPaymentRequest-${UUID}`)
  expect(parseGlobalId('Types::Cashramp::API::MerchantPaymentRequest', older)).toBe(UUID)
})

test.each([
  'nonsense',
  '',
  UUID,
  encode('P2PPayment'),
  encode(`-${UUID}`),
  encode(UUID),
  encode('P2PPayment-18df6bb4'),
  encode(`P2PPayment-${UUID}x`),
  encode(`P2PPayment ${UUID}`),
  encode(`p2ppayment-${UUID}`),
  encode(`P2PPayment:-${UUID}`),
  globalId('P2PPayment', UUID).replace('=', ''),
  `${globalId('P2PPayment', UUID)}\n`,
  'A'.repeat(400)
])('%p is no payment', (text) => {
  expect(parseGlobalId('P2PPayment', text)).toBeUndefined()
})

test('a UUID is answered in canonical form', () => {
  expect(parseGlobalId('P2PPayment', encode(`P2PPayment-${UUID.toUpperCase()}`))).toBe(UUID)
})
