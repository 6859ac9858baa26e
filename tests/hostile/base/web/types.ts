export interface Item {
  name: string;
  price: number;
  count: number;
}

export function label(item: Item): string {
  return `${item.count} x ${item.name}`;
}
