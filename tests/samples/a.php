<html><?= $x ?></html>
<?php
declare(strict_types=1);
namespace A\B;
use C\{D, E as F};
enum S: string { case A = 'a'; }
final readonly class P extends Q { use T; #[Attr(1)]
  public function __construct(private ?int $x = null, int|string ...$y) { $f = fn(&$z) => $z?->m(...); }
  public function m(): never { throw new \E(match(true) { 1, 2 => <<<TXT
    a {$this->x['k']}
    TXT, default => [...$a] }); } }
