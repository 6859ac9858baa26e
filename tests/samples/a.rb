# frozen_string_literal: true
class A < B
  attr_reader :x, *%i[a b]
  def m(a, *r, k:, o: 1, **h, &b) = puts(<<~TXT, 1)
    text #{a}
  TXT
  def self.===(o) = true
  def q?
    return unless x&.y in {n: Integer => z}
    [1].map { _1 + 1 }.each do |i; j| i /= 2 end
    %w[a b].grep(/a\/b/x) rescue nil
  end
end
