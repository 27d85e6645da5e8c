# frozen_string_literal: true

require 'set'

# A shelf of books.
module Library
  LIMIT = 100

  class Shelf
    attr_reader :books

    # Makes a shelf.
    #
    # @param name [String] what the sign says
    # @param limit [Integer] how many books fit
    def initialize(name, limit = LIMIT, *rest, owner: nil, **options, &block)
      @name = name
      @limit = limit
      @owner = owner
      @books = []
      @rest = rest
      block.call(options) if block
    end

    # Puts a book on the shelf.
    # @return [Boolean] whether it fits
    def add(book)
      return false if @books.size >= @limit

      @books << book
      true
    end

    # The titles, longest first.
    def titles
      names = @books.map { |book| book.title }
      names.sort_by do |title|
        -title.length
      end
    end

    def self.parse(text)
      shelf = new('parsed', 0x10)
      line_number = 0
      text.each_line do |line|
        line_number += 1
        if line.strip.empty? || line.start_with?('#')
          next
        elsif line_number > 1_000
          break
        else
          shelf.add(line.chomp)
        end
      end
      shelf
    end

    def report(width = 2.5)
      first, second = @books
      text = <<~TEXT
        #{@name}: #{first}, #{second}
        width: #{width * 2}
      TEXT
      unless text.empty?
        puts text
      end
      words = %w[one two]
      for word in words
        puts(word)
      end
      text
    end

    private

    def trim
      index = 0
      while index < @limit && @books.any?
        @books.pop unless @books[index].nil?
        index += 1
      end
      until @books.size <= @limit do
        @books.shift
      end
    rescue StandardError => e
      warn("trim: #{e.message}")
      raise
    end

    # Counts the books with a name.
    private def count_named(name)
      total = @books.count { |book| book == name }
      total.zero? ? nil : total
    end
  end
end
