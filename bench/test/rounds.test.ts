import t from 'tap'
import { interleave } from '../src/rounds.ts'

t.test('variants take turns, after a warm-up that does not count', async (t) => {
  const order: string[] = []
  const variant = (name: string) => async () => order.push(name)
  const results = await interleave({ ours: variant('ours'), plain: variant('plain') }, { rounds: 2, say: () => {} })
  t.same(order, ['ours', 'plain', 'ours', 'plain', 'ours', 'plain'])
  t.same(results, { ours: [3, 5], plain: [4, 6] })
})
