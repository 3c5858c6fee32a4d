/**
 * Goal: a demo's file is checked as a whole before anything is sent, and what is wrong is told with its line.
 * Method: plan files, right and wrong, and compare the exact complaint; run the plans against a recorder of
 * requests where the request matters.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { formatAmount, parseAmount } from '../../src/demo/amount'
import { planDemo } from '../../src/demo/plan'
import { WrongFile } from '../../src/demo/problem'

const SHIPPED = resolve(__dirname, '../../examples/first-deposit.yaml')

function complaints(...lines: string[]): string[] {
  try {
    planDemo('demo.yaml', lines.join('\n'))
  } catch (error) {
    if (error instanceof WrongFile) return error.message.split('\n')
    throw error
  }
  return []
}

const HEAD = ['steps:', '  - asset: { as: dollars, code: USD, scale: 2 }']

test('the shipped file is right', () => {
  const plan = planDemo(SHIPPED, readFileSync(SHIPPED, 'utf8'))
  expect(plan.title).toBe('A first deposit, and first payments')
  expect(plan.needsWallet).toBe(true)
  expect(plan.steps.filter(({ expectation }) => expectation.isRefusal)).toHaveLength(7)
  expect(plan.holders.map(({ name }) => name)).toEqual(['dollars', 'shillings', 'acme'])
})

const POINTER = [...HEAD, "  - payment-pointer: { as: alice, asset: dollars, url: 'https://wallet.example/alice' }"]
const BILL = [...POINTER, '  - incoming-payment: { as: bill, at: alice, amount: 5.00 USD }']

test('a file without a wallet needs none', () => {
  expect(planDemo('demo.yaml', BILL.join('\n')).needsWallet).toBe(false)
})

test.each([
  [
    'a bill at an asset',
    [...HEAD, '  - incoming-payment: { at: dollars }'],
    /:3:29: at: dollars .* is an asset, this takes a payment-pointer$/
  ],
  [
    'a bill in another currency',
    [...POINTER, '  - incoming-payment: { at: alice, amount: 5 KES }'],
    /:4:44: 5 KES is not in USD/
  ],
  [
    'a quote for a person',
    [...POINTER, '  - quote: { from: alice, to: alice }'],
    /:4:31: to: alice .* this takes an incoming-payment$/
  ],
  [
    'a payment of a bill',
    [...BILL, '  - outgoing-payment: { from: alice, quote: bill }'],
    /:5:45: quote: bill .* this takes a quote$/
  ],
  [
    'a state that a bill never has',
    [...BILL, '  - wait: { for: bill, state: FUNDING }'],
    /:5:31: FUNDING is none of PENDING, /
  ],
  [
    'a balance that is nowhere',
    [...POINTER, '  - wallet-balance: { of: alice, name: a }'],
    /:4:5: wallet-balance needs the field is: /
  ]
])('%s is refused', (_, lines, complaint) => {
  expect(complaints(...lines)).toEqual([expect.stringMatching(complaint)])
})

describe('a wrong file is refused with line and reason', () => {
  test.each([
    ['syntax', ['steps:', '  - asset: { as: dollars, code: USD', '  - peer: {}'], /^demo\.yaml:3:3: YAML: /],
    [
      'a duplicate key',
      [...HEAD, '  - deposit: { to: dollars, to: dollars, amount: 1 }'],
      /^demo\.yaml:3:29: YAML: Map keys must be unique/
    ],
    ['no mapping', ['- asset'], /^demo\.yaml:1:1: the file must be a mapping/],
    ['an empty file', [''], /^demo\.yaml:1:1: the file must be a mapping/],
    ['no steps', ['title: x'], /^demo\.yaml:1:1: the file has no `steps`$/],
    ['empty steps', ['steps: []'], /^demo\.yaml:1:1: `steps` must be a list/],
    ['an unknown key', [...HEAD, 'stepz: 1'], /^demo\.yaml:3:1: unknown key stepz/],
    [
      'an unknown step',
      [...HEAD, '  - depsit: { to: dollars, amount: 1 }'],
      /^demo\.yaml:3:5: unknown step depsit; did you mean deposit\?$/
    ],
    [
      'a strange step',
      [...HEAD, '  - fly: { to: moon }'],
      /^demo\.yaml:3:5: unknown step fly; there are asset, peer, /
    ],
    ['a step without fields', [...HEAD, '  - deposit:'], /^demo\.yaml:3:5: deposit needs its fields/],
    ['a bare word', [...HEAD, '  - deposit'], /^demo\.yaml:3:5: a step is its kind with its fields/],
    [
      'two kinds in one',
      [...HEAD, '  - post: { withdrawal: a }', '    void: { withdrawal: a }'],
      /^demo\.yaml:3:5: a step has one kind, this one has post and void$/
    ],
    [
      'a missing field',
      [...HEAD, '  - deposit: { to: dollars }'],
      /^demo\.yaml:3:5: deposit needs the field amount: how much$/
    ],
    [
      'an unknown field',
      [...HEAD, '  - deposit: { to: dollars, amonut: 1, amount: 1 }'],
      /^demo\.yaml:3:29: deposit has no field amonut; did you mean amount\?$/
    ],
    [
      'a nested field',
      [...HEAD, '  - deposit: { to: [dollars], amount: 1 }'],
      /^demo\.yaml:3:20: to must be a single value$/
    ],
    [
      'an unknown reference',
      [...HEAD, '  - deposit: { to: dolars, amount: 1 }'],
      /^demo\.yaml:3:20: to: unknown reference dolars: .*did you mean dollars\?$/
    ],
    [
      'a later reference',
      ['steps:', '  - deposit: { to: dollars, amount: 1 }', '  - asset: { as: dollars, code: USD, scale: 2 }'],
      /^demo\.yaml:2:20: to: unknown reference dollars/
    ],
    [
      'the wrong kind of thing',
      [...HEAD, '  - post: { withdrawal: dollars }'],
      /^demo\.yaml:3:25: withdrawal: dollars \(line 2\) is an asset, this takes a withdraw or a deposit$/
    ],
    [
      'a name twice',
      [...HEAD, '  - asset: { as: dollars, code: KES, scale: 2 }'],
      /^demo\.yaml:3:18: the name dollars is taken by line 2$/
    ],
    ['a bad name', ['steps:', '  - asset: { as: 1st, code: KES, scale: 2 }'], /^demo\.yaml:2:18: "1st" is no name/],
    [
      'a scale out of range',
      ['steps:', '  - asset: { code: KES, scale: 256 }'],
      /^demo\.yaml:2:32: scale: must be a whole number from 0 to 255$/
    ],
    [
      'too many places',
      [...HEAD, '  - deposit: { to: dollars, amount: 1.005 USD }'],
      /^demo\.yaml:3:37: 1\.005 USD has 3 decimal places, USD has 2$/
    ],
    [
      'another currency',
      [...HEAD, '  - deposit: { to: dollars, amount: 1 EUR }'],
      /^demo\.yaml:3:37: .*1 EUR is not in USD/
    ],
    [
      'a fraction without a code',
      [...HEAD, '  - deposit: { to: dollars, amount: 1.50 }'],
      /^demo\.yaml:3:37: amount: must be an amount/
    ],
    ['a negative amount', [...HEAD, '  - deposit: { to: dollars, amount: -1 }'], /^demo\.yaml:3:37: "-1" is no amount/],
    [
      'an amount past 64 bits',
      [...HEAD, '  - deposit: { to: dollars, amount: 18446744073709551616 }'],
      /^demo\.yaml:3:37: 18446744073709551616 is more than the largest amount/
    ],
    [
      'a strange expectation',
      [...HEAD, '  - deposit: { to: dollars, amount: 1 }', "    expect: { cod: '403' }"],
      /^demo\.yaml:4:15: expect has no field cod; did you mean code\?/
    ],
    [
      'an impossible code',
      [...HEAD, '  - deposit: { to: dollars, amount: 1 }', '    expect: { code: 4033 }'],
      /^demo\.yaml:4:21: code: 4033 is no code/
    ],
    [
      'a reference to what is refused',
      [
        'steps:',
        '  - asset: { as: a, code: A, scale: 2 }',
        "    expect: { code: '409' }",
        '  - deposit: { to: a, amount: 1 }'
      ],
      /^demo\.yaml:4:20: to: a will not exist: its step on line 2 expects/
    ]
  ])('%s', (_, lines, complaint) => {
    const found = complaints(...lines)
    expect(found[0]).toMatch(complaint)
    expect(found).toHaveLength(1)
  })

  test('all of them at once, and no follow-ups of a step that is wrong itself', () => {
    expect(
      complaints(
        'steps:',
        '  - asset: { as: dollars, code: USD }',
        '  - peer: { as: acme, asset: dollars }',
        '  - deposit: { to: acme, amount: x }',
        '  - flu: {}'
      )
    ).toEqual([
      'demo.yaml:2:5: asset needs the field scale: decimal places of a unit, 2 for cents',
      'demo.yaml:3:5: peer needs the field staticIlpAddress: its Interledger address',
      'demo.yaml:3:5: peer needs the field endpoint: where its connector listens',
      expect.stringMatching(/^demo\.yaml:5:5: unknown step flu; there are asset, /)
    ])
  })
})

describe('amounts', () => {
  const dollars = { code: 'USD', scale: 2 }

  test.each([
    ['12.50 USD', 1250n],
    ['12.5 USD', 1250n],
    ['12 USD', 1200n],
    ['0.01 USD', 1n],
    ['1250', 1250n],
    ['0', 0n],
    ['184467440737095516.15 USD', 2n ** 64n - 1n]
  ])('%s', (text, value) => {
    expect(parseAmount(text, dollars)).toBe(value)
  })

  test.each([
    '184467440737095516.16 USD',
    '1e3 USD',
    '1,50 USD',
    '.5 USD',
    '5. USD',
    '1.50',
    'USD 1',
    '',
    '1 usd',
    '+1',
    '١ USD'
  ])('%s is refused', (text) => {
    expect(() => parseAmount(text, dollars)).toThrow(RangeError)
  })

  test('what is printed reads back as the same number, at every scale', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 0, max: 255 }), (value, scale) => {
        const asset = { code: 'XAU', scale }
        expect(parseAmount(formatAmount(value, asset), asset)).toBe(value)
      })
    )
  })
})
