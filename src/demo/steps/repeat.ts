import { text } from '../fields'
import { stepKind } from '../step'

export const repeat = stepKind({
  name: 'repeat',
  summary: 'sends the very same request of an earlier step again, as a client does that lost the answer',
  fields: { step: text('the name of an earlier step') },
  prepare({ step }, scope, { placeOf }) {
    const earlier = scope.step(step, placeOf('step'))
    return { title: `again: ${earlier.title}`, run: (client) => earlier.run(client) }
  }
})
