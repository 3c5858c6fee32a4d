/** Goal: of a number nobody but its owner sees more than the last four digits. Method: labels as they are made. */
import { maskDigits } from '../../src/services/ramp/profile/masking'

it.each([
  ['Jane - 0246977890', 'Jane - ******7890'],
  ['Jane - 1234', 'Jane - 1234'],
  ['Jane - 12345', 'Jane - *2345'],
  ['Jane - +233 24 697 7890', 'Jane - +*** ** *** 7890'],
  ['Jane - 0123-456-789', 'Jane - ****-**6-789'],
  ['Shop 24, 0246977890', 'Shop 24, ******7890'],
  ['Shop 24 - 0246977890', 'Shop 24 - ******7890'],
  ['', '']
])('%s', (text, masked) => expect(maskDigits(text)).toBe(masked))
