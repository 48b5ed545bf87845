export { applyDay, type DayOptions, type DaySummary } from './apply-day.ts';
export { type BreakSummary, breakDay, type RepairSummary, repairBreak } from './break-day.ts';
export type { ShopConfig, ShopOptions } from './config.ts';
export { createShop, type ShopSummary } from './create-shop.ts';
