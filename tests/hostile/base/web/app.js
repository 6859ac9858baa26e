"use strict";

export function total(items) {
  return items.reduce((sum, item) => sum + item.price * item.count, 0);
}

export function isAdmin(user) {
  return user.role === "admin";
}
