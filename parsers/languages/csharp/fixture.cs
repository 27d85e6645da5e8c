using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace Example.Orders
{
    /// <summary>An order with its lines.</summary>
    public class Order : Entity
    {
        private const int Limit = 0x10;
        private readonly List<Line> lines = new List<Line>();

        /// <summary>Makes an order.</summary>
        /// <param name="number">the number of the order</param>
        public Order(int number) : base(number)
        {
            Number = number;
        }

        ~Order()
        {
            lines.Clear();
        }

        public int Number { get; }

        /// <summary>
        /// Adds a <see cref="Line"/> &amp; checks it.
        /// </summary>
        /// <param name="line">the line</param>
        /// <returns>whether it fits</returns>
        /// <exception cref="ArgumentException">The line is empty.</exception>
        [Obsolete]
        public bool Add(Line line, int? position = null)
        {
            if (line == null || line.Text == "")
            {
                throw new ArgumentException("empty");
            }
            else if (lines.Count >= Limit)
            {
                return false;
            }
            lines.Add(line);
            return true;
        }

        // The sum of all prices.
        public decimal Total(params decimal[] discounts)
        {
            decimal total = 0.0m;
            foreach (var line in lines)
            {
                total += line.Price * line.Count;
            }
            for (int i = 0; i < discounts.Length; i++)
            {
                if (discounts[i] < 0) continue;
                total -= discounts[i];
            }
            return total;
        }

        public int Count() => lines.Count(x => x.Price > 1.5);

        private async Task<string> Print(string path)
        {
            var tries = 3;
            string text = $"order {Number}";
            while (tries > 0)
            {
                try
                {
                    await File.WriteAllTextAsync(path, text + @"\n");
                    break;
                }
                catch (Exception error)
                {
                    Console.WriteLine(error.Message);
                }
                tries = tries - 1;
            }
            do
            {
                tries++;
            } while (tries < 3);
            using (var stream = Open(path))
            {
                stream.Flush();
            }
            switch (tries)
            {
                case 0:
                    return null;
                default:
                    break;
            }
            int Twice(int x)
            {
                return x * 2;
            }
            return text + Twice(tries);
        }
    }
}
