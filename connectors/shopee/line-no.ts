import { field, textField } from '../../src/kit/read.ts'

/** What tells a line of an order: the channel numbers lines only inside bundles and add-on deals. */
export interface LineIds {
  readonly item: string
  readonly model: string
  readonly orderItem: string
  readonly group: string
}

/** "item:model", and inside a bundle or add-on deal "item:model:order_item:group". The mapping writes the same. */
export const lineNoOf = ({ item, model, orderItem, group }: LineIds): string =>
  group === '0' && (orderItem === item || orderItem === '0') ? `${item}:${model}` : `${item}:${model}:${orderItem}:${group}`

/** Ids of a line as orders, parcels and splits name them. */
export function lineIdsOf(doc: unknown): LineIds {
  const item = textField(doc, 'item_id') ?? ''
  const of = (name: string, usual: string): string => (field(doc, name) === null ? usual : (textField(doc, name) ?? usual))
  return { item, model: of('model_id', '0'), orderItem: of('order_item_id', item), group: of('promotion_group_id', '0') }
}
